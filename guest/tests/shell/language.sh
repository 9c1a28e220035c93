# The shell itself.
for i in 1 2 3; do echo "i=$i"; done
i=0; while [ $i -lt 3 ]; do i=$((i + 1)); [ $i = 2 ] && continue; echo $i; done
until [ $i -eq 0 ]; do i=$((i - 1)); done; echo $i
case hello in h*o) echo matched ;; *) echo not ;; esac
if false; then echo no; elif true; then echo elif; else echo no; fi
f() { local x=inner; echo "$1 $# $x"; return 4; }
x=outer; f first second; echo "$? $x"
echo $((1 + 2 * 3)) $((0x10)) $((7 % 3)) $((1 << 4)) $((5 > 3)) $((~0))
var=abcdef; echo ${#var} ${var#ab} ${var%ef} ${var:2:2} ${unset:-default} ${var/cd/XX}
path=/usr/lib/x.tar.gz; echo ${path##*/} ${path%%.*} ${path%.*}
set -- a 'b c' d; echo $# "$2"; shift; echo "$*"; for a in "$@"; do echo "<$a>"; done
echo `echo nested $(echo deep)`; echo "quoted \$x 'single' \"double\""; echo 'a'"b"c
cat <<END
here $x $((2 + 3))
END
cat <<'END'
literal $x
END
cat <<-END
	stripped
	END
read a b <<END
first rest of line
END
echo "$a|$b"
printf 'a:b:c\n' | { IFS=: read p q r; echo $r $q $p; }
echo out; echo err >&2; { echo both; echo of >&2; } 2>&1 | sort
ls /nonexistent 2>/dev/null || echo failed; ls /nonexistent 2>&1 | wc -l
(exit 3); echo $?; ! true; echo $?; true && echo and; false || echo or
(x=sub; echo $x); echo $x; { x=group; }; echo $x
trap 'echo trapped' EXIT; trap - EXIT
trap 'echo got USR1' USR1; kill -USR1 $$; echo after
set -e; (set +e; false; echo continues); set +e
eval 'echo evaluated $x'; alias ll='echo aliased'; type cd
echo "$(seq 3 | while read n; do echo "<$n>"; done)"
exec 4>file; echo to four >&4; exec 4>&-; cat file
echo one >file; echo two >>file; cat <file; : >file; wc -c <file
set -o noclobber; echo x >file; echo "status $?"; set +o noclobber
sh -c 'echo child $0 $1' name arg; sh -c 'kill -9 $$'; echo "status $?"
echo 'echo script $1; exit 5' >script; sh script x; echo $?
printf '#!/bin/busybox sh\necho interpreted "$@"\n' >program; chmod +x program; ./program 1 '2 3'
./missing; echo $?; chmod -x program; ./program; echo $?
getopts ab: opt -b value; echo $opt $OPTARG; unset x; echo "[${x}]"
command -v cd; test 5 -gt 3 -a abc != abd && echo test; [ -z "" ] && echo empty
times >/dev/null; ulimit -s >/dev/null; echo $PPID >/dev/null; hash >/dev/null; echo done
