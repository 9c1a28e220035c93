# Guest images: the kernel, and small ones for the tests.
guest_images :=
