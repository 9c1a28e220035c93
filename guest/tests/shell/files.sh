# Files, directories and links.
mkdir dir dir/sub; mkdir -p a/b/c; rmdir a/b/c; ls -R a dir
echo one >dir/one; echo two >>dir/one; cat dir/one
cp dir/one dir/copy; cp -r dir tree; ls tree tree/sub
mv tree/one tree/moved; ls tree; mv tree dir/sub; ls dir/sub/tree
ln dir/one dir/hard; ln -s one dir/soft; cat dir/soft; readlink dir/soft
stat -c '%n %s %h %a %F' dir/one dir/hard
stat -c '%n %F' dir dir/soft; ls -l dir/soft | cut -c1-10
echo three >>dir/hard; cat dir/one; rm dir/one; cat dir/hard
cat dir/soft; echo "status $?"
ln -s loop loop; cat loop; echo "status $?"
chmod 640 dir/hard; stat -c %a dir/hard; chmod u+x,g-r dir/hard; stat -c %a dir/hard
umask 077; touch private; stat -c %a private; umask 022
touch -d '2001-02-03 04:05:06' dated; stat -c %Y dated; date -u -r dated '+%Y-%m-%d %H:%M:%S'
test -e dir/hard && test ! -e dir/one && [ -d dir ] && [ -L dir/soft ] && [ -x dir/hard ] && echo all true
[ dated -ot private ] && echo older
truncate -s 100 sized; stat -c %s sized; truncate -s 10 sized; wc -c <sized
dd if=/dev/zero of=zeros bs=1k count=5 2>/dev/null; wc -c <zeros; md5sum <zeros
dd if=zeros of=zeros bs=1 seek=8000 count=1 conv=notrunc 2>/dev/null; wc -c <zeros
mkdir 'with space'; echo x >'with space/a b'; cat "with space/a b"; rm -r 'with space'
rmdir dir; echo "status $?"; mkdir dir; echo "status $?"; cat missing; echo "status $?"
cd dir/sub/tree/sub; pwd | sed 's|.*/dir|dir|'; cd ../../../..; cd missing; echo "status $?"
basename /a/b.c .c; dirname /a/b/c; realpath dir/../dir | sed 's|.*/||'
touch {x}; ls '{x}'; echo *; echo d*; echo [a-d]*; echo ?oop; echo .*x
mkfifo fifo; (echo through the fifo >fifo) & cat fifo; wait
mknod node p; stat -c %F node
du -s dir >/dev/null && echo du; df . >/dev/null && echo df; sync
find . -type f | sort; find . -name '*a*' | sort; find dir -type d | sort; find . -type l | sort
find . -name hard -exec cat {} \;; find . -type f -size +1k | sort; find . -newer dated -name private
tree=$(mktemp -d ./tmp.XXXXXX); [ -d "$tree" ] && rmdir "$tree" && echo gone
install -m 750 dir/hard installed; stat -c %a installed
rm -rf dir a; ls; unlink loop; ls l* 2>&1
echo data >open; exec 3<open; rm open; cat <&3; exec 3<&-
