# Pipes, processes and signals.
echo a | cat | cat | cat; seq 1 1000 | wc -l; yes | head -n 2
seq 1 50000 | tail -n 1; dd if=/dev/zero bs=1k count=300 2>/dev/null | md5sum
cat /dev/null | wc -c; (echo left; echo right) | sort -r
sleep 0.1 & wait; echo waited; sleep 0.05 & sleep 0.05 & wait; echo both
(sleep 0.05; exit 7) & wait $!; echo "status $?"
for i in 1 2 3 4 5; do (echo $((i * i))) & wait; done
# Whether the shell tells of a killed job is a matter of when it hears of it.
sleep 100 & kill $!; wait $! 2>/dev/null; echo "killed $?"
sleep 100 & kill -STOP $!; kill -CONT $!; kill -KILL $!; wait $! 2>/dev/null; echo "killed $?"
sh -c 'trap "echo term; exit 9" TERM; sleep 0.05 & wait; kill -TERM $$; sleep 1'; echo "status $?"
(trap '' INT; kill -INT $(sh -c 'echo $PPID'); echo ignored)
timeout 0.1 sleep 10; echo "timeout $?"; timeout 5 echo in time
time -p true 2>&1 | cut -d' ' -f1
nohup echo nohup 2>/dev/null; setsid echo setsid; nice -n 5 echo nice
echo input >in; cat <in >out; cat out; cat in out in | uniq -c | sed 's/^ *//'
tee copy <in | cat - copy; mkfifo p; cat p & echo via p >p; wait
{ echo 1; echo 2 >&2; } 2>&1 >/dev/null | cat; echo x | { read y; echo "$y$y"; }
cat <in & cat <in & wait
echo | xargs -r echo empty; printf '1\n2\n3\n' | xargs -n 2 echo; printf '1 2 3' | xargs -n 1 -P 3 echo | sort
pid=$$; [ -d /proc/$pid ] && echo proc; grep -c '^Name' /proc/self/status
ls /proc/self/fd >/dev/null && echo fds; readlink /proc/$$/cwd | grep -q / && echo cwd
[ "$(cat /proc/$$/comm)" ] && echo comm; tr '\0' ' ' </proc/self/cmdline; echo
test -s /proc/uptime && test -r /proc/meminfo && test -c /dev/null && echo readable
cat /proc/self/stat | wc -l; head -c 5 /dev/zero | od -An -c; head -c 8 /dev/urandom | wc -c
echo lost >/dev/null; echo full 2>/dev/null >/dev/full || echo no space
pidof sh >/dev/null && echo pidof; usleep 1000; uname -s; hostname >/dev/null; id -u; whoami
cat /dev/stdin <in; echo shown >/dev/stdout; (echo shown >/dev/stderr) 2>&1
env -i A=1 B=2 env | sort; export C=3; sh -c 'echo $C'; env D=4 sh -c 'echo $D'
