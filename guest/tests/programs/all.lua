-- lua: its libraries, files, processes, errors, coroutines and the collector, on any Linux alike.
local function show(...) print(table.unpack((function(...) local t = {...}; for i = 1, select('#', ...) do t[i] = tostring(t[i]) end; return t end)(...))) end
show(_VERSION, 7 // 2, -7 // 2, 7 % -3, 2 ^ 53, 1e15, 10 / 2, 3 | 4, ~0, 1 << 62, math.maxinteger + 1 == math.mininteger, 0x7fp3, 1e308 * 10, -(0 / 0) ~= 0)
show(("x"):rep(3, "-"), ("hello"):byte(1, -1)); show(("%5.2f|%-6s|%q|%x|%g|%i"):format(3.14159, "ab", 'a\n"b"', 255, 1e20, 42), ("abc"):upper():reverse())
show(("key = value"):match("^(%w+)%s*=%s*(%w+)$")); show(("one two three"):gsub("%w+", {one = 1, two = "2"})); show(("f(a(b)c)d"):find("%b()"))
for k, v in ("a=1, b=2"):gmatch("(%w+)=(%w+)") do io.write(k, v, " ") end; print()
show(utf8.char(228, 8364, 0x10ffff):byte(1, -1)); show(utf8.len("äö€"), utf8.codepoint("€", 1)); show(string.pack("<i4z", -2, "s"):byte(1, -1)); show(string.unpack(">I2", "\1\2"))
local t = {}; for i = 1, 1000 do t[i] = (i * 7919) % 1009 end; table.sort(t); show(t[1], t[500], t[1000], #t); table.sort(t, function(a, b) return a > b end); show(t[1])
show(table.concat({1, 2, 3}, ","), select("#", table.unpack({1, nil, 3}, 1, 3)), next({}), rawlen({1, 2}), table.remove({5, 6}, 1)); table.move({1, 2, 3}, 1, 3, 2, t); show(t[2], t[4])
local class = setmetatable({}, {__call = function(c, v) return setmetatable({v = v}, c) end}); class.__index = class
class.__add = function(a, b) return class(a.v + b.v) end; class.__tostring = function(s) return "<" .. s.v .. ">" end; class.__lt = function(a, b) return a.v < b.v end; class.__close = function(s) print("closed", s) end
class.__len = function() return 99 end; class.__concat = function(a, b) return "cat" end; class.__eq = function() return true end
show(class(1) + class(2), class(1) < class(2), #class(0), class(1) .. "x", class(1) == class(2)); do local x <close> = class(8); local y <const> = 5; show(y) end
local co = coroutine.wrap(function(a) for i = 1, 3 do a = coroutine.yield(a * i) end; error("dead") end); show(co(10), co(20), co(30)); show(pcall(co, 1)); show(pcall(co))
local c2 = coroutine.create(function() coroutine.yield() end); show(coroutine.status(c2), coroutine.resume(c2), coroutine.status(c2), coroutine.close(c2), coroutine.isyieldable())
show(pcall(error, {code = 1}) == false, select(2, pcall(error, "msg", 0)), select(2, pcall(function() local x = nil; return x.y end))); show(xpcall(function() error("e", 0) end, function(m) return m .. "!" end))
show(load("return 1 +")); show(load("return ...", "n", "t", {})(5)); show(pcall(string.rep, "x", -1), pcall(setmetatable, 1, {})); show(select(2, pcall(string.rep, "x", 1 << 60)))
goto done; print("never"); ::done:: for i = 3, 1, -1 do io.write(i, " ") end; for i = 1.0, 2, 0.5 do io.write(i, " ") end; print(math.type(1), math.type(1.0), math.tointeger(3.0), math.ult(1, -1), math.floor(-1.5), math.fmod(-7, 3))
local weak = setmetatable({}, {__mode = "k"}); weak[{}] = 1; collectgarbage(); show(next(weak)); setmetatable({}, {__gc = function() print("collected") end}); collectgarbage(); show(collectgarbage("count") > 0)
local big = {}; for i = 1, 20000 do big[i] = {i, tostring(i)} end; local sum = 0; for _, v in ipairs(big) do sum = sum + v[1] + #v[2] end; show(sum); big = nil; collectgarbage(); collectgarbage("generational"); collectgarbage("incremental")
local function depth(n) return n == 0 and 0 or 1 + depth(n - 1) end; show(depth(5000)); show(select(2, pcall(function() local function f() return 1 + f() end; return f() end)):match("stack overflow"))
local name = os.tmpname(); local f <close> = assert(io.open(name, "w+")); show(f:write("line one\n", 2, "\n", 3.5, "\nlast") == f); f:seek("set", 0); show(f:read("l", "n", "n", "l", "a")); show(f:seek("end"), f:seek("cur", -4), f:read(2), f:setvbuf("full", 1024))
f:flush(); for line in io.lines(name, "L") do io.write("[", line, "]") end; print(); show(io.type(f), os.rename(name, name .. ".x"), io.open(name), select(3, io.open(name)), os.remove(name .. ".x"), (os.remove(name)))
local p = io.popen("echo from a pipe; exit 3"); show(p:read("a"), p:close()); p = io.popen("cat", "w"); p:write("into a pipe\n"); p:close(); show(os.execute("exit 7")); show(os.execute("kill -TERM $$")); show(os.execute())
show(os.getenv("HOME"), os.getenv("none"), os.time({year = 2000, month = 1, day = 1, hour = 12, isdst = false}), os.date("!%Y-%m-%d %H:%M:%S", 1e9), os.difftime(5, 3), os.clock() >= 0, os.date("!*t", 0).year)
show(pcall(require, "none.such") == false, package.config:sub(1, 1), type(package.loaded.string), debug.getinfo(1, "l").currentline, debug.traceback("tb", 1):match("^tb\nstack traceback:")); io.stderr:write("to stderr\n"); io.stdout:close(); os.exit(true, true)
