# bash's language: arrays, arithmetic, expansions, patterns, here-documents.
a=(one two 'three four' [7]=seven); echo "${#a[@]} ${!a[*]} ${a[2]} ${a[-1]} ${a[@]:1:2}"
a+=(eight nine); unset 'a[0]'; printf '<%s>' "${a[@]/e/E}"; echo; declare -p a
declare -A map=([red]=1 [green]=2 ['light blue']=3); map[red]+=0
for k in "${!map[@]}"; do echo "$k=${map[$k]}"; done | sort
declare -i n=7*6; ((n += 8, n <<= 2)); echo $n $((n % 7)) $((2 ** 40)) $((16#ff ^ 2#101 & ~010)) $((n > 5 ? 1 : 2))
for ((i = 0, j = 9; i < j; i++, j--)); do printf '%d-%d ' $i $j; done; echo
let 'x = 5' 'y = x++ + ++x'; echo $x $y; ((0)) || echo zero; echo $((1 / 0)) 2>&1 | sed 's/.*: //'
s='Hello, World'; echo "${s,,} ${s^^} ${s~~} ${s:7} ${s: -5:3} ${#s} ${s/o/0} ${s//o/0} ${s#*,} ${s%%o*}"
unset u; echo "${u-default} ${u:=set} ${u:+also} $u"; (: "${missing:?is not set}") 2>&1 | sed 's/.*missing/missing/'
v=s; echo "${!v}" "${!BASH_VERSI@}" "${s@Q}" "${s@U}"; declare -n ref=s; ref=changed; echo "$s"
[[ abc123def =~ ([a-z]+)([0-9]+)(.*) ]] && echo "${BASH_REMATCH[@]}"; [[ file.tar.gz == *.@(tar|zip).* ]] && echo glob
[[ a < b && ! b < a && -n x && -z '' && 10 -gt 9 ]] && echo conditions
mkdir -p tree/one/two tree/.hidden; touch tree/{a,b,c}{1..3}.txt tree/one/two/deep.txt tree/.hidden/h.txt 'tree/with space'
shopt -s extglob globstar nullglob; cd tree || exit
echo [ab]?.txt; echo !(a*|b*); echo **/*.txt; echo none*; echo +([a-c])3.txt
shopt -s dotglob; echo *; shopt -u dotglob; GLOBIGNORE='*1*:*2*'; echo *.txt; unset GLOBIGNORE; cd ..
echo {1..10..3} {a..e} x{,y,z} {01..03} {c..a}{1,2}; echo ~+ | sed "s|$PWD|here|"
case word in w*) echo first ;;& *d) echo second ;& nothing) echo third ;; *) echo never ;; esac
cat <<EOF; cat <<'EOF'; cat <<-EOF; cat <<<"here $n string"
expanded $n $((n + 1)) $(echo command) \$kept
EOF
not expanded $n $(command)
EOF
	tabs removed
	EOF
printf '%s|%5d|%-5s|%05.1f|%x|%q|%b|%(%Y)T\n' str 42 left 3.14159 255 "it's" 'tab\there' 20000000
printf -v out '%03d' 7; echo $out; printf '%s,' {1..3}; echo; printf '\x41\101\n' | od -An -c
mapfile -t lines < <(printf 'l1\nl2\nl3\n'); echo "${#lines[@]} ${lines[1]}"; mapfile -t -s 1 -n 1 some <<<$'x\ny\nz'; echo "$some"
IFS=: read -r -a f <<<'a:b c:d\e'; echo "${#f[@]} ${f[1]} ${f[2]}"; read -r -d, first <<<'one,two'; echo $first; read -n 3 c <<<abcdef; echo $c
while IFS== read -r key value; do echo "$key is $value"; done <<<$'k1=v1\nk2=v=2'
fact() { local n=$1; ((n < 2)) && echo 1 || echo $((n * $(fact $((n - 1))))); }; fact 6
outer() { local v=o; inner; echo $v; }; inner() { v=i; echo "${FUNCNAME[*]}"; }; outer; declare -F fact; type -t fact if cd cat_not
f() { echo "$# $1 ${*:2} ${@: -1}"; shift 2; echo "$*"; return 3; }; f a b c d; echo $?; set -- x 'y z'; printf '[%s]' "$@" "$*"; echo
while getopts ab:c opt -a -b arg -c rest; do echo "$opt ${OPTARG-} $OPTIND"; done
select x in apple pear; do echo "got $x $REPLY"; break; done <<<2 2>/dev/null
IFS=,; echo "${a[*]}"; unset IFS; eval 'echo $((n / 2))'; echo "$(<script)" | head -n 1 | wc -l; echo "${BASH_SOURCE[0]} $LINENO $BASH_SUBSHELL $(echo $BASH_SUBSHELL)"
set -u; (echo $nonexistent) 2>&1 | sed 's/.*: n/n/'; set +u; set -e; (false; echo never); echo "status $?"; true
