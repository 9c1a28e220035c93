# Commands that turn text into text.
seq 1 20 >numbers
printf 'pear 3\napple 12\nfig 7\napple 2\n' >fruit
cat fruit | tac
sort fruit; sort -k2 -n fruit; sort -u -k1,1 fruit; sort -r fruit
uniq -c <<END
a
a
b
a
END
cut -d' ' -f2 fruit; cut -c1-3 fruit
tr a-z A-Z <fruit; echo 'aabbcc' | tr -s a-c; echo 'x1y2' | tr -d 0-9
head -n 3 numbers; tail -n 2 numbers; tail -n +18 numbers
wc numbers fruit; wc -l <numbers; wc -c <fruit
grep apple fruit; grep -c apple fruit; grep -v apple fruit; grep -n '[0-9][0-9]' fruit
grep -E '^(fig|pear)' fruit; grep -q nothing fruit; echo "status $?"
echo 'one two three' | grep -o 't[a-z]*'
sed 's/apple/plum/;2d' fruit; sed -n '2,3p' fruit; sed -e '$!N;s/\n/+/' fruit
sed -i 's/fig/date/' fruit; cat fruit
awk '{ sum += $2; n[$1]++ } END { print sum, n["apple"], NR }' fruit
awk -F: '{ printf "%s|%5.2f|%x\n", $1, $2 / 3, $2 }' <<END
a:10
b:255
END
paste fruit numbers | head -n 3
nl fruit; echo 'abcdefghijklmnop' | fold -w 5
expand <<END
a	b
END
rev fruit; od -c fruit | head -n 2; hexdump -C numbers | head -n 2; xxd fruit | head -n 1
comm - fruit <<END
apple 12
END
diff fruit numbers | head -n 4; cmp fruit fruit; echo "status $?"
md5sum fruit; sha1sum fruit; sha256sum fruit; cksum fruit; crc32 fruit 2>/dev/null
base64 <fruit; base64 <fruit | base64 -d
strings fruit; shuf -i 1-1; factor 1001 2>/dev/null
echo 'tab	here' | cat -A; echo 'a b c' | xargs -n 1 echo item; seq 3 | xargs
printf '%s-%03d-%x\n' word 7 255; expr 6 \* 7; expr length hello
dc -e '2 3 + p' 2>/dev/null || echo '2 3 + p' | dc
echo '2^10; 7/2' | bc 2>/dev/null
split -l 8 numbers part.; ls part.*; cat part.ac
