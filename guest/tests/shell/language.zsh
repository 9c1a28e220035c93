# zsh: its arrays, expansions, globs, and the same processes as the others.
a=(one two three four); print -r -- $#a $a[1] $a[-1] $a[2,3] ${(j:-:)a} ${(U)a[2]} ${a[(r)t*]} ${a[(i)four]} ${(o)a} ${(O)a}
print -l ${(s:,:)${:-x,y,z}} ${(f)"$(print -l l1 l2)"} ${a:#t*} ${(M)a:#t*} ${a/o/0} ${(q)${:-it is}} ${(l:6::.:)${:-7}} ${a:t}
typeset -A h; h=(k1 v1 k2 v2); h[k3]=v3; print -l ${(ok)h} ${(ov)h} "${(@kv)h[(R)v2]}"; unset 'h[k1]'; print $#h ${+h[k1]} ${h[none]-default}
integer i=5; float f=2.5; print $((i ** 3)) $((f * 2)) $((16#1f)) $(([#2] 10)) $((i > 3 && f < 3)); for ((i = 0; i < 3; i++)) print -n "$i "; print
repeat 3 print -n again; print; for x y in 1 2 3 4; do print $x:$y; done; print {1..5..2} {a..d} {01..03}
mkdir -p g/sub; touch g/{a,b,c}.txt g/sub/{d,e}.log g/.hid; cd g; print **/*.(txt|log) *(/) *(.) **/*(.:t:r) ^*.txt(N) none*(N); setopt extendedglob; print ^*.txt *~b* (#i)A.TXT; cd ..
(print none*) 2>&1; setopt nonomatch; print none*; setopt nullglob; print - none*; unsetopt nullglob nonomatch
[[ abc123 = (#b)([a-z]##)([0-9]##) ]] && print $match; [[ a.tar.gz = *.(tar|zip).* && -d g && ! -e none ]] && print yes
case foo in (b*) print no ;; (f*) print foo ;& (x) print fell ;; esac; select s in p q; do print $s; break; done <<<2 2>/dev/null
fn() { local v=inner; print "$0 $# $1 $v"; return 3 }; fn x y; print $?; anon=$(() { print anonymous $1 } arg); print $anon; print ${(t)a} ${(t)h}
cat <<EOT; cat <<'EOT'; cat <<<"string ${a[1]}"
expanded $((6 * 7)) ${a[2]}
EOT
literal $a
EOT
print -r -- =(print in file)(:t:s/zsh/x/) >/dev/null; cat <(print sub) =(print file); diff <(print 1) <(print 1) && print same; print to > >(cat); sleep 0.1
coproc cat; print -p hello; read -p line; print "co $line"; coproc exit; read -t 0.1 x < <(sleep 1); print "timeout $?"; read -u 0 -t 5 -k 3 x <<<abcdef; print $x
print multi >m1 >m2; cat m1 m2; cat <m1 <m2; { print out; print err >&2 } 2>&1 >/dev/null; exec {fd}<m1; read -u $fd l; print $l $((fd > 9)); exec {fd}<&-
TRAPUSR1() { print trapped $1 }; kill -USR1 $$; trap 'print exit' EXIT; (trap 'print sub exit' EXIT; exit 4); print $?; { print try; false } always { print always }
sleep 0.05 & wait $!; print waited $?; (exit 7) & wait $!; print $?; true | false | (exit 3); print $pipestatus; setopt pipefail; false | true; print $?
sleep 10 & kill -STOP $!; sleep 0.05; grep State /proc/$!/status; kill -KILL $!; wait $! 2>/dev/null; print $?; read -t 5 x < <(print soon); print $x
zmodload | grep -x zsh/main; print -P "%(?.ok.no) %B%b%1~" | grep -c ok
autoload -U is-at-least 2>/dev/null; print ${ZSH_VERSION%%.*} $ZSH_SUBSHELL $(print $ZSH_SUBSHELL); printf '%05d|%-4s|%x|%q\n' 42 ab 255 "a b"; print -f '%s\n' a b; whence -w print cd if fn; ulimit -c 0; ulimit -c; umask 022; umask
eval 'print $(( [##16] 255 ))'; emulate sh -c 'x="a b"; printf "<%s>" $x; echo'; print ${(z):-'a "b c" d'} ${(Q):-'"b c"'}; : ${unset_one:=set}; print $unset_one; (print ${must?not set}) 2>&1 | sed 's/.*: //'
