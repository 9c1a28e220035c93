# bash's processes: substitution, coprocesses, traps, descriptors, job control.
diff <(printf '1\n2\n3\n') <(printf '1\n3\n') | tail -n +3; cat <(echo inner) <(cat <(echo nested)); tee >(sort -r >sorted) < <(seq 3) | cat; sleep 0.1; cat sorted
paste <(seq 1 3) <(seq 4 6); while read -r l; do last=$l; done < <(seq 5); echo $last; echo data > >(cat); wait $!
coproc cat; echo "to the coprocess" >&"${COPROC[1]}"; read -r r <&"${COPROC[0]}"; echo "back: $r"; exec {COPROC[1]}>&-; wait $COPROC_PID; echo "coproc $?"
coproc BC { while read -r x; do [ "$x" = end ] && exit 5; echo $((x * x)); done; }; for i in 3 4; do echo $i >&"${BC[1]}"; read -r r <&"${BC[0]}"; echo $r; done
pid=$BC_PID; echo end >&"${BC[1]}"; wait $pid; echo "status $?"
read -t 0.1 x < <(sleep 1; echo late); echo "read: $(($? > 128))"; read -t 5 x < <(echo early); echo "read: $? $x"; read -t 0 </dev/null; echo "ready: $?"
trap 'echo "caught USR1"' USR1; kill -USR1 $$; trap 'echo "debug: $BASH_COMMAND"' DEBUG; : one; trap - DEBUG; trap -p USR1
(trap 'echo "exit trap $?"' EXIT; exit 4); echo $?; (trap 'echo bye; exit 6' TERM; kill -TERM $BASHPID; echo never); echo $?
(trap '' INT; kill -INT $BASHPID; echo ignored); { bash -c 'kill -KILL $$'; } 2>/dev/null; echo $?; (trap 'echo "err at $LINENO"' ERR; false; true)
f() { trap 'echo returned' RETURN; }; f; trap - RETURN; (trap 'echo chld' CHLD; set -m; sleep 0.05 & wait $!; true) | sort -u
true | false | (exit 3) | true; echo "${PIPESTATUS[@]}"; set -o pipefail; false | true; echo $?; set +o pipefail; ! true; echo $?
exec 7>out {fd}<script; echo "to seven" >&7; read -r l <&$fd; echo "$l $((fd >= 10))"; exec 7>&- {fd}<&-; cat out; { echo err >&2; echo o; } 2>&1 >/dev/null
echo more >>out; cat <>out; echo both &>all; cat all; echo appended &>>all; wc -l <all; set -C; (echo x >all) 2>/dev/null; echo "clobber $?"; echo x >|all; set +C
exec 3<&0 0<out; read -r x; exec 0<&3 3<&-; echo "$x"; cat 4<<<four <&4; { echo a; echo b >&2; } 2> >(sed 's/^/err: /') | cat; sleep 0.1
sleep 0.2 & sleep 0.02 & wait -n; echo "first $?"; wait; (exit 9) & wait -n; echo $?; (sleep 0.3; exit 8) & p=$!; wait -p done -n; echo $? $((done == p))
set -m; sleep 10 & sleep 20 & jobs | sed 's/  */ /g'; kill %1; wait %1 2>/dev/null; echo $?; kill -STOP %2; sleep 0.1; jobs %2 | sed 's/  */ /g'; kill -CONT %2; sleep 0.1; jobs %2 | sed 's/  */ /g'; kill %2; wait %2 2>/dev/null; echo $?; jobs
(sleep 0.5; echo in foreground) & fg %% >/dev/null; sleep 5 & disown; jobs; kill $!; set +m
bash -c 'kill -STOP $$; echo resumed' & p=$!; sleep 0.2; grep State /proc/$p/status; kill -CONT $p; wait $p
(ulimit -n 20; ulimit -n; exec 30>x) 2>&1 | sed 's/.*: 30/30/'; (ulimit -c 0; ulimit -S -c); umask 077; umask; umask -S; umask 022
echo $(($$ == BASHPID)); (echo $(($$ == BASHPID))); ((PPID > 0)); times | wc -l; TIMEFORMAT=timed; time sleep 0.01
SECONDS=0; echo $((SECONDS < 5)) $((RANDOM >= 0)) $((EPOCHSECONDS > 1600000000)) ${EPOCHREALTIME/*./x} | tr -d 0-9
hash -r; hash ls; hash | wc -l; command -v ls >/dev/null && echo found; nosuchcommand 2>/dev/null; echo $?; ./out 2>/dev/null; echo $?; . <(echo 'echo sourced'); type -P cat >/dev/null && echo path
exec -a other bash -c 'echo $0'
