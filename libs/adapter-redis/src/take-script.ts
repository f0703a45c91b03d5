// The part of the scripts that changes workers: deltas and events go into their records as MemoryWorkers of libs/adapter-memory does it,
// in the same order and to the same numbers. Keys are those of scripts.ts.
import { FORGET_AFTER_SECONDS, LIVE_WINDOWS } from '@assay/live-state';

/** How many of the longest unchanged workers are looked at for one to forget, or to give its place to another. */
const SEARCH = 64;
/** Changes of more workers than this are told as 'all'. */
const MAX_NAMED = 2_000;
const MAX_NAMED_BYTES = 65_536;

export const ALL_CHANGED = '*';

export const DOUBLES = `'<${'d'.repeat(24)}'`;
const TEXTS = `'<Hc0Hc0Hc0Hc0'`;

/**
 * A worker's record: 1 first seen, 2 last share (0: none), 3 difficulty, 4 when that was assigned, 5 best share, 6 expected rate
 * (-1: unknown), 7 last authorized, 8 connections, 9 oldest connection's start, 10 to 24 the windows' decayed sums as (as of, work, work
 * squared); then the texts 25 algorithm, 26 tenant, 27 user agent, 28 remote address.
 */
export const RECORD = `
local function decode(raw)
  local w = { struct.unpack(${DOUBLES}, raw) }
  w[25], w[26], w[27], w[28] = struct.unpack(${TEXTS}, raw, 193)
  return w
end
local function encode(w)
  return struct.pack(${DOUBLES}, unpack(w, 1, 24))
    .. struct.pack(${TEXTS}, #w[25], w[25], #w[26], w[26], #w[27], w[27], #w[28], w[28])
end
local function connection_key(gateway, connection)
  return struct.pack('>Hc0Hc0', #gateway, gateway, #connection, connection)
end
`;

/** Needs RECORD, and `whole`. What it touches is read once, changed here, and written once. Answers how many workers found no place. */
export const TAKE = `
local function take(deltas, events, now, max_workers, channel)
local seconds = { ${LIVE_WINDOWS.map(({ seconds }) => seconds).join(', ')} }
local tick = math.max(now, tonumber(redis.call('HGET', KEYS[1], 'tick') or '0'))
local count = redis.call('HLEN', KEYS[3])
local refused = 0
local workers, open, touched, order, reopened = {}, {}, {}, {}, {}
local names, is_named, named_bytes = {}, {}, 0

local function name_changed(name)
  if is_named[name] then return end
  is_named[name] = true
  names[#names + 1] = name
  named_bytes = named_bytes + #name
end

local function get(name)
  local w = workers[name]
  if w == nil then
    local raw = redis.call('HGET', KEYS[3], name)
    w = raw and decode(raw)
    workers[name] = w
  end
  return w
end

local function connections_of(name)
  local c = open[name]
  if c == nil then
    local raw = redis.call('HGET', KEYS[5], name)
    c = raw and cmsgpack.unpack(raw) or {}
    open[name] = c
  end
  reopened[name] = true
  return c
end

local function touch(name)
  tick = tick + 1
  if not touched[name] then order[#order + 1] = name end
  touched[name] = tick
  name_changed(name)
end

local function put(key, command, args)
  for i = 1, #args, 400 do redis.call(command, key, unpack(args, i, math.min(i + 399, #args))) end
end

local function flush()
  for name in pairs(reopened) do
    local w, n, since = get(name), 0, 0
    for _, at in pairs(open[name]) do
      if n == 0 or at < since then since = at end
      n = n + 1
    end
    w[8], w[9] = n, since
    if n == 0 then redis.call('HDEL', KEYS[5], name)
    else redis.call('HSET', KEYS[5], name, cmsgpack.pack(open[name])) end
  end
  local records, scores = {}, {}
  for _, name in ipairs(order) do
    records[#records + 1] = name
    records[#records + 1] = encode(get(name))
    scores[#scores + 1] = whole(touched[name])
    scores[#scores + 1] = name
  end
  put(KEYS[3], 'HSET', records)
  put(KEYS[4], 'ZADD', scores)
  touched, order, reopened = {}, {}, {}
end

local function forget(name)
  redis.call('HDEL', KEYS[3], name)
  redis.call('ZREM', KEYS[4], name)
  workers[name] = false
  count = count - 1
end

local function make_room()
  flush()
  for _, name in ipairs(redis.call('ZRANGE', KEYS[4], 0, ${SEARCH - 1})) do
    local w = get(name)
    if w and w[8] == 0 then
      forget(name)
      return true
    end
  end
  return false
end

local function known(name, tenant, algorithm, seen)
  local w = get(name)
  if not w then
    if count >= max_workers and not make_room() then
      refused = refused + 1
      return nil
    end
    count = count + 1
    w = { seen, 0, 0, 0, 0, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, algorithm, tenant, '', '' }
    workers[name] = w
  end
  if w[25] ~= algorithm then
    w[25] = algorithm
    for i = 10, 24 do w[i] = 0 end
  end
  if seen < w[1] then w[1] = seen end
  touch(name)
  return w
end

-- addDecayed of libs/rollup: both sums are brought to the later time and added.
local function add(w, i, at, work, squared, window)
  local age = (at - w[i]) / (window * 1000000)
  if age > 0 then
    local f = w[i + 1] == 0 and 0 or math.exp(-age)
    w[i], w[i + 1], w[i + 2] = at, w[i + 1] * f + work, w[i + 2] * f * f + squared
  elseif work ~= 0 then
    local f = math.exp(age)
    w[i + 1], w[i + 2] = w[i + 1] + work * f, w[i + 2] + squared * f * f
  end
end

local function close(name, key)
  local c = connections_of(name)
  if c[key] == nil then return false end
  c[key] = nil
  touch(name)
  return true
end

-- With the records of their workers, all asked for at once.
local function read_deltas()
  local read, missing, at = {}, {}, 1
  while at <= #deltas do
    local d = { struct.unpack('<Hc0Hc0Hc0${'d'.repeat(21)}', deltas, at) }
    at = d[25]
    read[#read + 1] = d
    if workers[d[1]] == nil then missing[#missing + 1] = d[1] end
  end
  for i = 1, #missing, 400 do
    local last = math.min(i + 399, #missing)
    local raws = redis.call('HMGET', KEYS[3], unpack(missing, i, last))
    for j = i, last do
      local raw = raws[j - i + 1]
      workers[missing[j]] = raw and decode(raw)
    end
  end
  return read
end

local at = 1
while at <= #events do
  local code, time, difficulty, expected
  local gateway, connection, worker, tenant, algorithm, agent, address
  code, time, difficulty, expected, gateway, connection, worker, tenant, algorithm, agent, address, at =
    struct.unpack('<ddddHc0Hc0Hc0Hc0Hc0Hc0Hc0', events, at)
  if code == 1 then
    local w = known(worker, tenant, algorithm, time)
    if w then
      local key, c = connection_key(gateway, connection), connections_of(worker)
      if c[key] == nil then
        c[key] = time
        redis.call('ZADD', KEYS[6], 0, key .. worker)
      end
      if time >= w[7] then
        w[7], w[27], w[28], w[6] = time, agent, address, expected
        if time >= w[4] then w[3], w[4] = difficulty, time end
      end
    end
  elseif code == 2 then
    local key = connection_key(gateway, connection)
    if get(worker) and close(worker, key) then redis.call('ZREM', KEYS[6], key .. worker) end
  elseif code == 3 then
    local prefix = struct.pack('>Hc0', #gateway, gateway)
    local low, high = '[' .. prefix, '(' .. prefix .. '\\255'
    for _, member in ipairs(redis.call('ZRANGEBYLEX', KEYS[6], low, high)) do
      local key_length = #prefix + 2 + struct.unpack('>H', member, #prefix + 1)
      local name = string.sub(member, key_length + 1)
      if get(name) then close(name, string.sub(member, 1, key_length)) end
    end
    redis.call('ZREMRANGEBYLEX', KEYS[6], low, high)
  elseif get(worker) then
    name_changed(worker)
  end
end

for _, d in ipairs(read_deltas()) do
  local name, accepted = d[1], d[4]
  local w = get(name)
  if w or accepted > 0 then
    w = known(name, d[2], d[3] ~= '' and d[3] or (w and w[25] or 'sha256d'), d[5])
  end
  if w then
    if d[9] >= w[4] then w[3], w[4] = d[8], d[9] end
    if accepted > 0 then
      w[5], w[2] = math.max(w[5], d[6]), math.max(w[2], d[7])
      for i = 1, 5 do add(w, 7 + 3 * i, d[7 + 3 * i], d[8 + 3 * i], d[9 + 3 * i], seconds[i]) end
    end
  end
end
flush()

-- A few at a time: workers that are gone and of whom no rate has weight left.
local long_ago = whole(now - ${FORGET_AFTER_SECONDS}000000)
for _, name in ipairs(redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', long_ago, 'LIMIT', 0, ${SEARCH})) do
  local w = get(name)
  if w and w[8] > 0 then redis.call('ZADD', KEYS[4], whole(now), name) else forget(name) end
end

redis.call('HSET', KEYS[1], 'tick', whole(tick))
if refused > 0 then redis.call('HINCRBY', KEYS[1], 'refused', refused) end
if #names > ${MAX_NAMED} or named_bytes > ${MAX_NAMED_BYTES} then redis.call('PUBLISH', channel, '${ALL_CHANGED}')
elseif #names > 0 then redis.call('PUBLISH', channel, cjson.encode(names)) end
return refused
end
`;
