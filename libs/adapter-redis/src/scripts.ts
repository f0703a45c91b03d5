// What happens inside Redis. Each script is one step that nothing comes between: an update is in with its position, or not at all.
// One of very many workers would hold up everybody else meanwhile. It is parked: brought in pieces first, then accepted in one step,
// then taken piece by piece. A partition with a parked update takes nothing else before, and whoever comes to it finishes it.
//
// Keys, all under one hash tag so that a Redis Cluster keeps them in one slot:
//   meta         hash: `epoch` of the base, `tick` of the last change, `refused`
//   partitions   hash: `topic:partition` -> where it stands
//   workers      hash: worker -> its record
//   changed      sorted set: worker by when it last changed; ticks are microseconds, moved on where several fall into one
//   connections  hash: worker -> its open connections and their starts
//   gateways     sorted set without scores: gateway, connection, worker, to find a gateway's connections without looking at workers
//   parked:...   list: what is left of a parked update
//   builder      who reads a base; `new:...` what it has brought so far
import { REBUILD_SECONDS } from '@assay/live-state';
import { script } from './redis-link.ts';
import { ALL_CHANGED, DOUBLES, RECORD, TAKE } from './take-script.ts';

/** The whole state goes when no aggregator has touched it for this long. */
const KEEP_SECONDS = 86_400;
/** A parked update whose aggregator died before it was accepted. */
const KEEP_PIECES_SECONDS = 60;

/**
 * A partition's entry: 1 whether the base knows it, 2 from which offset and 3 from which time on it lacks records, 4 position (-1: none),
 * 5 reached, 6 and 7 offset and time its holder said last; of a parked update 8 pieces left, 9 end and 10 time reached; then the texts
 * 11 lineage and 12 name of the parked update.
 */
const ENTRY = `
local function read_entry(raw)
  if not raw then return { 0, 0, 0, -1, 0, 0, 0, 0, 0, 0, '', '' } end
  return { struct.unpack('<ddddddddddHc0Hc0', raw) }
end
local function write_entry(e)
  return struct.pack('<dddddddddd', unpack(e, 1, 10)) .. struct.pack('<Hc0Hc0', #e[11], e[11], #e[12], e[12])
end
local function whole(number) return string.format('%.0f', number) end
`;

const EXPIRE_ALL = `
for i = 1, 6 do redis.call('EXPIRE', KEYS[i], ${KEEP_SECONDS}) end
`;

/** Brings a piece of an update that is to be parked. KEYS list. ARGV piece */
export const PARK = script(`
redis.call('RPUSH', KEYS[1], ARGV[1])
return redis.call('EXPIRE', KEYS[1], ${KEEP_PIECES_SECONDS})
`);

/**
 * KEYS meta partitions workers changed connections gateways, and of a parked update its list
 * ARGV place lineage from end fills reached parked now maxWorkers channel, then deltas and events, or how many pieces are parked
 */
export const APPLY = script(`
${RECORD}${ENTRY}${TAKE}
local place, lineage = ARGV[1], ARGV[2]
local from, last, fills, reached, parked = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5], tonumber(ARGV[6]), ARGV[7]

local epoch = redis.call('HGET', KEYS[1], 'epoch') or ''
local e = read_entry(redis.call('HGET', KEYS[2], place))
e[6], e[7] = last, math.max(e[7], reached)
local function done(...)
  redis.call('HSET', KEYS[2], place, write_entry(e))
  ${EXPIRE_ALL}
  return { ... }
end

if epoch == '' or (e[4] >= 0 and e[11] ~= '' and e[11] ~= lineage) then return done('lost', epoch) end
if e[12] ~= '' then return done('parked', e[12]) end
local token = epoch .. ':' .. (e[4] < 0 and 'base' or whole(e[4]))
local is_in = e[4] >= last
local begins = fills == token
if fills == '' then begins = e[4] == from end
if not is_in and not begins then
  if e[4] < 0 then return done('behind', token, epoch, whole(e[2]), whole(e[3]), whole(e[5])) end
  return done('behind', token, epoch, whole(e[4]), '0', whole(e[5]))
end
if e[11] == '' then e[11] = lineage end
if is_in then
  e[5] = math.max(e[5], reached)
  return done('repeated')
end
if parked ~= '' then
  if redis.call('LLEN', KEYS[7]) ~= tonumber(ARGV[11]) then return redis.error_reply('ERR pieces of a parked update are gone') end
  redis.call('EXPIRE', KEYS[7], ${KEEP_SECONDS})
  e[8], e[9], e[10], e[12] = tonumber(ARGV[11]), last, reached, parked
  return done('parked', parked)
end
e[4], e[5] = last, math.max(e[5], reached)
local refused = 0
if #ARGV[11] + #ARGV[12] > 0 then refused = take(ARGV[11], ARGV[12], tonumber(ARGV[8]), tonumber(ARGV[9]), ARGV[10]) end
return done('applied', tostring(refused))
`);

/**
 * Takes the next piece of a parked update. Answers how many are left, and how many workers found no place.
 * KEYS meta partitions workers changed connections gateways list. ARGV place parked now maxWorkers channel
 */
export const STEP = script(`
${RECORD}${ENTRY}${TAKE}
local e = read_entry(redis.call('HGET', KEYS[2], ARGV[1]))
if e[12] ~= ARGV[2] then return { 0, 0 } end
local piece = redis.call('LPOP', KEYS[7])
if not piece then
  -- Part of it is in and the rest is gone: nothing says which. The state is as good as lost.
  redis.call('DEL', KEYS[1], KEYS[2])
  return { 0, 0 }
end
local length = struct.unpack('<I4', piece)
local deltas, events = string.sub(piece, 5, 4 + length), string.sub(piece, 5 + length)
local refused = take(deltas, events, tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5])
e[8] = e[8] - 1
if e[8] == 0 then e[4], e[5], e[9], e[10], e[12] = e[9], math.max(e[5], e[10]), 0, 0, '' end
redis.call('HSET', KEYS[2], ARGV[1], write_entry(e))
${EXPIRE_ALL}
return { e[8], refused }
`);

/** Lets one begin to read a base. KEYS meta builder, then what an earlier one may have left. ARGV epoch token */
export const CLAIM = script(`
if (redis.call('HGET', KEYS[1], 'epoch') or '') ~= ARGV[1] then return 0 end
if not redis.call('SET', KEYS[2], ARGV[2], 'NX', 'EX', ${REBUILD_SECONDS}) then return 0 end
for i = 3, #KEYS do redis.call('UNLINK', KEYS[i]) end
return 1
`);

/** KEYS builder. ARGV token */
export const RELEASE = script(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 0
`);

/** Brings some of a base's workers. KEYS builder new:workers new:changed new:connections new:gateways. ARGV token workers */
export const STAGE = script(`
${RECORD}
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
local packed, at = ARGV[2], 1
while at <= #packed do
  local name, n
  name, at = struct.unpack('<Hc0', packed, at)
  local w = { struct.unpack(${DOUBLES}, packed, at) }
  w[25], w[26], w[27], w[28], n, at = struct.unpack('<Hc0Hc0Hc0Hc0d', packed, at + 192)
  local c = {}
  for i = 1, n do
    local gateway, connection, since
    gateway, connection, since, at = struct.unpack('<Hc0Hc0d', packed, at)
    local key = connection_key(gateway, connection)
    c[key] = since
    redis.call('ZADD', KEYS[5], 0, key .. name)
    if w[8] == 0 or since < w[9] then w[9] = since end
    w[8] = w[8] + 1
  end
  if n > 0 then redis.call('HSET', KEYS[4], name, cmsgpack.pack(c)) end
  redis.call('HSET', KEYS[2], name, encode(w))
  redis.call('ZADD', KEYS[3], string.format('%.0f', math.max(w[1], w[2], w[7])), name)
end
for i = 2, 5 do redis.call('EXPIRE', KEYS[i], ${2 * REBUILD_SECONDS}) end
return 1
`);

/**
 * Puts what was brought into the place of everything there was.
 * KEYS meta partitions workers changed connections gateways builder new:workers new:changed new:connections new:gateways
 * ARGV token channel (place from since)...
 */
export const REPLACE = script(`
${ENTRY}
if redis.call('GET', KEYS[7]) ~= ARGV[1] then return 0 end
for i = 2, 7 do redis.call('UNLINK', KEYS[i]) end
for i = 3, 6 do
  if redis.call('EXISTS', KEYS[i + 5]) == 1 then redis.call('RENAME', KEYS[i + 5], KEYS[i]) end
end
redis.call('HSET', KEYS[1], 'epoch', ARGV[1])
for i = 3, #ARGV, 3 do
  local e = { 1, tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2]), -1, 0, 0, 0, 0, 0, 0, '', '' }
  redis.call('HSET', KEYS[2], ARGV[i], write_entry(e))
end
${EXPIRE_ALL}
redis.call('PUBLISH', ARGV[2], '${ALL_CHANGED}')
return 1
`);
