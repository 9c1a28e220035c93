# Archives, compression, and editors.
mkdir -p src/deep; seq 1 100 >src/numbers; echo text >src/deep/text; ln -s numbers src/link; chmod 600 src/deep/text
tar cf all.tar src; tar tf all.tar | sort; mkdir out; tar xf all.tar -C out; diff -r src out/src && echo same
stat -c '%a %F' out/src/deep/text out/src/link
tar czf all.tgz src; tar tzf all.tgz | wc -l; tar xzf all.tgz -O src/deep/text
gzip -c src/numbers >n.gz; gunzip -c n.gz | cmp - src/numbers && echo gzip; zcat n.gz | tail -n 1
bzip2 -c src/numbers | bunzip2 -c | cmp - src/numbers && echo bzip2
xz -dc </dev/null >/dev/null 2>&1; lzop -c </dev/null >/dev/null 2>&1
find src | sort | cpio -o -H newc 2>/dev/null >all.cpio; cpio -t <all.cpio 2>/dev/null
mkdir c; cd c; cpio -id <../all.cpio 2>/dev/null; cat src/deep/text; cd ..
ar -t missing 2>/dev/null; unzip -l missing 2>/dev/null; echo "status $?"
printf 'one\ntwo\nthree\n' >edit
printf '2d\n1a\ninserted\n.\nw\nq\n' | ed edit; cat edit
printf 'ihello from vi\n\033:wq\n' | vi edit >/dev/null 2>&1; cat edit
printf 'ddGoat the end\033:x\n' | vi edit >/dev/null 2>&1; cat edit
printf -- '--- a\n+++ b\n@@ -1 +1 @@\n-text\n+patched\n' >p; cp src/deep/text a; patch a <p; cat a
diff -u src/deep/text a | tail -n 3
uuencode name <a | uudecode -o back; cmp a back && echo uu
date -u -d '2024-02-29 12:00:00' '+%a %j %s'; cal 2 2024 | head -n 2
md5sum src/numbers >sums; md5sum -c sums; echo tampered >>src/numbers; md5sum -c sums 2>/dev/null; echo "status $?"
less <edit | head -n 1; more edit | tail -n 1; echo 'a,b' | awk -F, '{ print $2 }'
awk 'BEGIN { while (i < 3) print i++; printf "%d %s %.3f\n", 42, toupper("abc"), 1 / 3 }'
awk 'BEGIN { "echo piped" | getline x; print x; print substr("abcdef", 2, 3), index("abc", "c"), length("four") }'
awk '{ a[NR] = $0 } END { for (i = NR; i; i--) print a[i] }' edit; awk 'BEGIN { system("echo system"); exit 3 }'; echo $?
