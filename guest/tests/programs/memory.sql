-- sqlite3 in memory: types, joins, windows, recursion, text, dates, JSON, triggers, constraints.
.bail off
select sqlite_version() >= '3.7', typeof(1), typeof(1.5), typeof('x'), typeof(x'00'), typeof(null);
create table person(id integer primary key, name text not null unique, born integer, boss references person(id));
insert into person(name, born, boss) values ('Ada', 1815, null), ('Grace', 1906, 1), ('Alan', 1912, 1), ('Edsger', 1930, 3);
select a.name, b.name from person a left join person b on a.boss = b.id order by a.id;
with recursive chain(id, name, depth) as (select id, name, 0 from person where boss is null
  union all select p.id, p.name, depth + 1 from person p join chain c on p.boss = c.id)
select depth, group_concat(name, '/') from (select * from chain order by depth, name) group by depth;
insert into person(name) values ('Ada');
select name, rank() over (order by born desc), sum(born) over (order by id rows 1 preceding) from person order by id;
create table big(k integer primary key, v text, r real);
with recursive n(i) as (values(1) union all select i + 1 from n where i < 20000)
insert into big select i, printf('%05d:%s', i * 7919 % 20011, hex(i)), i / 3.0 from n;
create index big_v on big(v);
select count(*), min(v), max(v), sum(k), round(avg(r), 6), total(length(v)) from big;
select v from big where v between '00100' and '00105' order by v;
explain query plan select * from big where v = 'x';
select substr(v, 1, 2) as p, count(*) from big group by p having count(*) > 1000 order by 2 desc, 1 limit 4;
begin; delete from big where k % 2; select changes(), count(*) from big; rollback; select count(*) from big;
savepoint s; update big set v = upper(v) || '!' where k < 4; release s; select v from big where k < 5;
create trigger note after update on person begin insert into log values (old.name || '>' || new.name); end;
create table log(t); update person set name = 'Countess' where id = 1; select * from log;
create view young as select name from person where born > 1910; select * from young order by 1;
select upper('é' || 'abc'), length('日本'), instr('hello', 'l'), replace('aXbX', 'X', '--'), quote('it''s'), 'a' || null is null;
select date(86400 * 365, 'unixepoch'), strftime('%Y-%m-%d %H:%M', '2000-02-28', '+1 day', '+90 minutes'), julianday('2000-01-01');
select json_extract('{"a":[1,2,{"b":3}]}', '$.a[2].b'), json_array(1, 'x', null); select value from json_each('[3,1,2]') order by 1;
select 7 / 2, 7 % 3, -7 / 2, 7.0 / 2, 1 << 10, ~5, 9223372036854775807 + 1, cast('12abc' as integer), 1e300 * 1e10, 0.1 + 0.2;
select 'abc' like 'A%', 'abc' glob 'a*', 'b' in ('a', 'b'), case when 2 > 1 then 'yes' else 'no' end, coalesce(null, 5), nullif(1, 1), iif(0, 1, 2);
insert into person(id, name) values (1, 'x') on conflict(id) do update set name = excluded.name || '2' returning id, name;
select * from missing; select 1 +; insert into person values (1); select abs(-9223372036854775808);
create virtual table words using fts5(t); select 1;
attach ':memory:' as other; create table other.t as select * from person; select count(*) from other.t; detach other;
pragma integrity_check; pragma foreign_key_check; vacuum; select count(*) from big;
.mode line
select * from person where id = 2;
