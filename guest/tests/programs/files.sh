# sqlite3 with files: rollback journals, WAL, several processes, and what a killed writer leaves behind.
q() { sqlite3 -batch "$@" 2>&1; }
for mode in delete truncate persist memory off wal; do
	rm -f db db-*
	q db "pragma journal_mode = $mode; create table t(k integer primary key, v); begin; insert into t values (1, 'one'), (2, 'two'); commit;"
	q db "begin; update t set v = 'lost'; rollback; select * from t; pragma integrity_check" | tr '\n' ' '
	[ $mode = off ] || q db "begin; delete from t where k = 1; select count(*) from t; rollback; select count(*) from t;" | tr '\n' ' '
	ls db*
done
# A thousand rows by each of three at once, each of them waiting for the others.
for mode in delete wal; do
	rm -f db db-*
	q db "pragma journal_mode = $mode; create table t(who, n);"
	for who in a b c; do
		for n in 1 2 3 4 5; do echo "begin immediate; with recursive i(n) as (values(1) union all select n + 1 from i where n < 20) insert into t select '$who', $n * 20 + n from i; commit;"; done |
			q -cmd '.timeout 60000' db &
	done
	wait
	q db 'select who, count(*), sum(n) from t group by who; pragma integrity_check;'
done
# Who holds a lock keeps others out.
rm -f db db-*; q db 'create table t(v); insert into t values (1)'; mkfifo hold
{ echo 'begin exclusive; insert into t values (2);'; echo '.system touch held'; cat hold; echo 'commit;'; } | q db &
while [ ! -e held ]; do sleep 0.05; done
q db 'select * from t;'; q db 'insert into t values (3);'; echo >hold; wait; q db 'select * from t;'
q db 'pragma journal_mode = wal;'; rm held;
{ echo 'begin; insert into t values (4);'; echo '.system touch held'; cat hold; echo 'commit;'; } | q db &
while [ ! -e held ]; do sleep 0.05; done
q db 'select count(*) from t;'; q db 'insert into t values (5);'; echo >hold; wait; q db 'select count(*) from t;'; ls db*
# A writer that is killed leaves a hot journal, which the next one rolls back.
for mode in delete wal; do
	rm -f db db-* held; q db "pragma journal_mode = $mode; create table t(k integer primary key, v); insert into t values (1, 'kept');"
	{ echo 'pragma cache_size = 2; begin; update t set v = 0;'; echo "with recursive i(n) as (values(2) union all select n + 1 from i where n < 2000) insert into t select n, hex(zeroblob(100)) from i;"
		echo '.system touch held'; cat hold; } | sqlite3 -batch db & pid=$!
	exec 9>hold; while [ ! -e held ]; do sleep 0.05; done
	ls db*; kill -KILL $pid; exec 9>&-; wait 2>/dev/null
	q db 'pragma integrity_check; select * from t; insert into t values (2, 3); select count(*) from t;'; ls db*
done
# Growing and shrinking, mmap, page sizes, a copy by .backup, a dump.
rm -f db db-*; q db "pragma page_size = 512; pragma mmap_size = 1000000; pragma auto_vacuum = incremental; create table t(b); with recursive i(n) as (values(1) union all select n + 1 from i where n < 300) insert into t select zeroblob(1000) from i; select sum(length(b)) from t; pragma page_count; delete from t; pragma incremental_vacuum; pragma page_count;"
q db "insert into t values ('last'); vacuum; pragma page_count;" ".backup copy" ".dump"; cmp db copy && echo same; wc -c <db
q copy "create index x on t(b); analyze" .tables; q -readonly copy 'delete from t'; chmod 400 copy; q /none/such/db 'select 1'; echo garbage >bad; q bad 'select * from t'
echo '1,a,"q,x"' >in.csv; q db '.mode csv' 'create table c(x,y,z)' '.import in.csv c' 'select * from c' '.output out' 'select * from c' '.output stdout' '.mode box' 'select * from c'; cat out
