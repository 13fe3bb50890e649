-- Asks for a random id each time. LENDING_IDS: a file of ids of 18 bytes and a line end; LENDING_HEAD and LENDING_TAIL: what stands
-- around the id in a request; LENDING_RESULT: where the result is written, as JSON.
local count, ids, head, tail = 0, "", os.getenv("LENDING_HEAD"), os.getenv("LENDING_TAIL")
local threads = 0

function setup(thread)
  threads = threads + 1
  thread:set("seed", threads * 7919 + tonumber(os.getenv("LENDING_SEED")))
end

function init()
  local file = assert(io.open(os.getenv("LENDING_IDS"), "rb"))
  ids = file:read("*a")
  file:close()
  count = #ids / 19
  math.randomseed(seed)
end

function request()
  local at = math.random(0, count - 1) * 19
  return head .. ids:sub(at + 1, at + 18) .. tail
end

function done(summary, latency)
  local e, out = summary.errors, assert(io.open(os.getenv("LENDING_RESULT"), "w"))
  out:write(string.format('{"answered":%d,"micros":%d,"bytes":%d,"refused":%d,"broken":%d,"p50":%d,"p90":%d,"p99":%d,"p999":%d,"most":%d}',
    summary.requests, summary.duration, summary.bytes, e.status, e.connect + e.read + e.write + e.timeout,
    latency:percentile(50), latency:percentile(90), latency:percentile(99), latency:percentile(99.9), latency.max))
  out:close()
end
