/* SPDX-License-Identifier: MIT */
/*
 * ram.c: the RAM file system: contents in pages, below which the initial RAM disk's bytes show
 * until they are written.
 */
#include "errno.h"
#include "fs/initrd.h"
#include "fs/vfs.h"
#include "memory.h"
#include "pages.h"
#include "string.h"

#define SIZE_MAX_RAM (1ull << 40)

static size_t min_size(uint64_t a, uint64_t b)
{
	return (size_t)(a < b ? a : b);
}

static int reserve_slots(struct inode *inode, uint64_t pages)
{
	uint64_t slots = inode->page_slots ? inode->page_slots : 4;
	uint64_t *grown;

	if (pages <= inode->page_slots)
		return 0;
	while (slots < pages)
		slots *= 2;
	grown = krealloc(inode->pages, slots * sizeof(*grown), "file pages");
	if (!grown)
		return -ENOSPC;
	memset(grown + inode->page_slots, 0, (slots - inode->page_slots) * sizeof(*grown));
	if (!inode->page_slots)
		inode->first_page = SIZE_MAX_RAM;
	inode->pages = grown;
	inode->page_slots = slots;
	return 0;
}

/* How many bytes of a page come from the image. */
static size_t image_bytes(const struct inode *inode, uint64_t index)
{
	uint64_t start = index * FRAME_SIZE;

	return start < inode->image_size ? min_size(FRAME_SIZE, inode->image_size - start) : 0;
}

/* The page's own frame, with its contents; 0: no memory. */
static uint64_t own_page(struct inode *inode, uint64_t index, bool overwritten)
{
	size_t n = image_bytes(inode, index);
	uint64_t page;

	if (reserve_slots(inode, index + 1))
		return FRAME_NONE;
	if (inode->pages[index])
		return inode->pages[index];
	page = n == FRAME_SIZE || overwritten ? page_alloc(OWNER_FILE)
	                                      : page_alloc_zero(OWNER_FILE);
	if (page && n && !overwritten)
		memcpy(phys_pointer(page), inode->image + index * FRAME_SIZE, n);
	inode->pages[index] = page;
	if (index < inode->first_page)
		inode->first_page = index;
	return page;
}

unsigned ram_pages_in_place(struct inode *inode, uint64_t index, unsigned n, uint64_t *phys)
{
	uint64_t pages = inode->image_size / FRAME_SIZE;
	unsigned found = 0;

	if ((uintptr_t)inode->image % FRAME_SIZE || index >= pages)
		return 0;
	if (n > pages - index)
		n = (unsigned)(pages - index);
	*phys = (uintptr_t)inode->image + index * FRAME_SIZE - direct_map;
	if (index >= inode->page_slots || index + n <= inode->first_page)
		return n;
	while (found < n && index + found < inode->page_slots && !inode->pages[index + found])
		found++;
	return index + found >= inode->page_slots ? n : found;
}

uint64_t ram_page(struct inode *inode, uint64_t index, bool shared)
{
	uint64_t page = index < inode->page_slots ? inode->pages[index] : 0;
	uintptr_t image = (uintptr_t)inode->image + index * FRAME_SIZE;

	if (index >= (inode->size + FRAME_SIZE - 1) / FRAME_SIZE)
		return FRAME_NONE;
	if (!page && !shared && image_bytes(inode, index) == FRAME_SIZE && image % FRAME_SIZE == 0)
		page = image - direct_map;
	if (!page)
		page = own_page(inode, index, false);
	if (page)
		page_get(page);
	return page;
}

static int read_page(struct inode *inode, struct io *io, uint64_t index, size_t offset, size_t n)
{
	uint64_t page = index < inode->page_slots ? inode->pages[index] : 0;
	size_t image = image_bytes(inode, index);
	int error = 0;

	if (page)
		return io_put(io, (const uint8_t *)phys_pointer(page) + offset, n);
	if (offset < image) {
		size_t part = min_size(n, image - offset);

		error = io_put(io, inode->image + index * FRAME_SIZE + offset, part);
		n -= part;
	}
	return error || !n ? error : io_zero(io, n);
}

/* Untouched bytes of the image lie side by side. */
static size_t stretch(const struct inode *inode, uint64_t offset)
{
	if (!inode->pages && offset < inode->image_size)
		return (size_t)(inode->image_size - offset);
	return FRAME_SIZE - offset % FRAME_SIZE;
}

static int64_t ram_read(struct file *file, struct io *io, uint64_t offset)
{
	struct inode *inode = file->inode;
	size_t before = io->left, left;

	if (offset >= inode->size)
		return 0;
	left = min_size(io->left, inode->size - offset);
	while (left) {
		size_t n = io_stretch(io, min_size(left, stretch(inode, offset)));
		int error =
			!inode->pages && offset < inode->image_size
				? io_put(io, inode->image + offset, n)
				: read_page(inode, io, offset / FRAME_SIZE, offset % FRAME_SIZE, n);

		if (error)
			return before == io->left ? error : (int64_t)(before - io->left);
		offset += n;
		left -= n;
		if (left && !io->kernel)
			wait_breathe();
		if (offset >= inode->size) /* it may have shrunk in the meantime */
			break;
	}
	return (int64_t)(before - io->left);
}

/* A page that was to be overwritten, but could not be, shows what it did before it was there. */
static void restore_page(const struct inode *inode, uint64_t index)
{
	uint8_t *page = phys_pointer(inode->pages[index]);
	size_t n = image_bytes(inode, index);

	memset(page, 0, FRAME_SIZE);
	memcpy(page, inode->image + index * FRAME_SIZE, n);
}

static int write_page(struct inode *inode, struct io *io, uint64_t offset, size_t n)
{
	uint64_t index = offset / FRAME_SIZE;
	bool fresh = index >= inode->page_slots || !inode->pages[index];
	uint64_t page = own_page(inode, index, n == FRAME_SIZE);
	int error;

	if (!page)
		return -ENOSPC;
	error = io_get(io, (uint8_t *)phys_pointer(page) + offset % FRAME_SIZE, n);
	if (error && fresh && n == FRAME_SIZE)
		restore_page(inode, index);
	if (!error && offset + n > inode->size)
		inode->size = offset + n;
	return error;
}

static bool is_sealed(const struct inode *inode, uint64_t offset, size_t n)
{
	return inode->seals & SEAL_WRITE || (inode->seals & SEAL_GROW && offset + n > inode->size);
}

static int64_t ram_write(struct file *file, struct io *io, uint64_t offset)
{
	struct inode *inode = file->inode;
	size_t before = io->left;
	int error = 0;

	if (offset > SIZE_MAX_RAM || io->left > SIZE_MAX_RAM - offset)
		return -EFBIG;
	while (io->left && !error) {
		size_t n = io_stretch(io, min_size(io->left, FRAME_SIZE - offset % FRAME_SIZE));

		/* Each time: others may have run. */
		error = is_sealed(inode, offset, io->left) ? -EPERM
		                                           : write_page(inode, io, offset, n);
		offset += n;
		if (io->left && !io->kernel)
			wait_breathe();
	}
	if (before == io->left)
		return error;
	inode_touch(inode);
	return (int64_t)(before - io->left);
}

static int ram_truncate(struct inode *inode, uint64_t size)
{
	uint64_t keep = (size + FRAME_SIZE - 1) / FRAME_SIZE;

	if (size > SIZE_MAX_RAM)
		return -EFBIG;
	if ((inode->seals & SEAL_SHRINK && size < inode->size) ||
		(inode->seals & SEAL_GROW && size > inode->size))
		return -EPERM;
	for (uint64_t i = keep; i < inode->page_slots; i++) {
		if (inode->pages[i])
			page_put(inode->pages[i]);
		inode->pages[i] = 0;
	}
	if (size < inode->size && size % FRAME_SIZE && keep <= inode->page_slots &&
		inode->pages[keep - 1])
		memset((uint8_t *)phys_pointer(inode->pages[keep - 1]) + size % FRAME_SIZE, 0,
			FRAME_SIZE - size % FRAME_SIZE);
	inode->image_size = min_size(inode->image_size, size);
	return 0;
}

static void ram_destroy(struct inode *inode)
{
	for (uint64_t i = 0; i < inode->page_slots; i++)
		if (inode->pages[i])
			page_put(inode->pages[i]);
	kfree(inode->pages);
	kfree(inode->data);
}

static int64_t ram_readlink(struct inode *inode, char *to, size_t size)
{
	size_t n = min_size(size, inode->size);

	memcpy(to, inode->image, n);
	return (int64_t)n;
}

/* file->data: the entry that was given last, held; what is behind it is found without a search. */
static int ram_entry(struct file *file, uint64_t *position, struct dentry **entry)
{
	struct dentry *last = file->data;
	struct dentry *at;

	if (file->dentry->more_names)
		initrd_finish();
	at = file->dentry->children;
	if (last && last->in_tree && last->parent == file->dentry && last->position < *position)
		at = last;
	while (at && at->position < *position)
		at = at->next;
	if (!at)
		return 0;
	dentry_put(last);
	dentry_get(at);
	file->data = at;
	dentry_get(at);
	*entry = at;
	*position = at->position;
	return 1;
}

static void ram_directory_release(struct file *file)
{
	dentry_put(file->data);
}

const struct inode_ops ram_inode_ops = {
	.readlink = ram_readlink, .truncate = ram_truncate, .destroy = ram_destroy};
const struct file_ops ram_file_ops = {.read = ram_read, .write = ram_write};
const struct file_ops ram_directory_ops = {.entry = ram_entry, .release = ram_directory_release};

struct inode *ram_inode(uint32_t mode, uint64_t rdev)
{
	uint32_t type = mode & MODE_TYPE;
	const struct file_ops *ops = type == MODE_DIR       ? &ram_directory_ops
	                             : type == MODE_REGULAR ? &ram_file_ops
	                                                    : NULL;
	struct inode *inode = inode_create(mode, &ram_inode_ops, ops);

	if (inode)
		inode->rdev = rdev;
	return inode;
}

struct inode *ram_symlink(const char *target, size_t n, bool in_place)
{
	struct inode *inode = ram_inode(MODE_SYMLINK | 0777, 0);

	if (!inode)
		return NULL;
	if (!in_place) {
		inode->data = kmalloc(n + 1, "symbolic link");
		if (!inode->data) {
			inode_put(inode);
			return NULL;
		}
		memcpy(inode->data, target, n);
		target = inode->data;
	}
	inode->image = (const uint8_t *)target;
	inode->size = n;
	return inode;
}
