-- SPDX-License-Identifier: MIT
-- Which connection a packet belongs to, which keys open it, and what its frames teach (spec: connection 2, handshake 2, wire 1).
-- Packets are met in the order of the capture; what was found out is kept for when one is shown again.

local bits, protection, sha256, layouts = ...
local bxor = bits.bxor
local connections = {}

local SYN, SYN_ACK, ACK, EARLY, DATA, RETRY, VERSIONS, RESET = 1, 2, 3, 4, 5, 6, 7, 8
local FRAGMENT, CRYPTO, STREAM, NEW_CONNECTION_ID = 0x0001, 0x0022, 0x0023, 0x002e
local CLIENT_HELLO, FILE_FIRST, FILE_LAST, FILE_PUT, FILE_INFO = 0x0101, 0x0050, 0x0054, 0x0050, 0x0052
local VERSION = 0x54524e31
local TAG, SAMPLE = 16, 16
local MOST_HELD = 8388608 -- bytes of a sequence that wait for what was not captured

local by_id, all

function connections.forget()
    by_id, all = {}, {}
end
connections.forget()

-- ---- the header

local LONG = {
    [SYN] = { pn_at = 21 },
    [SYN_ACK] = { pn_at = 88 },
    [ACK] = { pn_at = 21 },
    [EARLY] = { pn_at = 21 },
}

local function u32(raw, at)
    return (Struct.unpack(">I4", raw, at + 1))
end

-- What stands in a datagram's clear part; nil when it is no packet of Tern (WIRE-001, WIRE-003).
function connections.header(raw)
    if #raw < 25 then return nil end
    local h = { type = (raw:byte(1) - raw:byte(1) % 16) / 16 }
    if LONG[h.type] then
        h.pn_at = LONG[h.type].pn_at
        if u32(raw, 1) ~= VERSION then return nil end
        h.to, h.from = raw:sub(6, 13), raw:sub(14, 21)
        if h.type == SYN_ACK and #raw >= 88 then h.suite = (Struct.unpack(">I2", raw, 86)) end
    elseif h.type == DATA then
        h.pn_at, h.to = 9, raw:sub(2, 9)
    elseif h.type == RETRY then
        h.to, h.from = raw:sub(6, 13), raw:sub(14, 21)
        return #raw >= 21 + 4 + TAG and u32(raw, 1) == VERSION and h or nil
    elseif h.type == VERSIONS then
        h.to, h.sid = raw:sub(2, 9), raw:sub(10, 17)
        local versions = raw:byte(18)
        local suites = raw:byte(19 + 4 * versions)
        return suites and #raw == 19 + 4 * versions + 2 * suites and h or nil
    elseif h.type == RESET then
        h.to = raw:sub(2, 9)
        return #raw == 25 and raw:byte(1) % 16 == 0 and h or nil
    else
        return nil
    end
    return #raw >= h.pn_at + 4 + TAG and h or nil
end

-- Datagrams that left in one piece for the kernel to cut (GSO) are captured whole on a loopback. All are for one id, which
-- stands at the same place of each: the size of each but the last, nil for one datagram alone.
function connections.segment(raw, header)
    local from = raw:find(header.to, LONG[header.type] and 15 or 11, true)
    if not from then return nil end
    local size = from - (raw:sub(from - 4, from - 1) == "TRN1" and 6 or 2)
    return size >= 25 and size or nil
end

-- ---- connections

local function side()
    return { largest = -1, sequences = {}, streams = {} }
end

local function new_connection(header)
    local c = { number = #all, first_sid = header.to, to_relay = side(), to_client = side() }
    all[#all + 1] = c
    by_id[header.to] = { connection = c, way = c.to_relay }
    by_id[header.from] = { connection = c, way = c.to_client }
    return c
end

-- Whether a heuristic may take this, of a datagram of size bytes, for Tern: it has an id that is known, or a version and a size.
function connections.is_known(raw, size)
    local h = connections.header(raw)
    return h ~= nil and (h.from ~= nil and (h.type ~= SYN or size >= 1200) or by_id[h.to] ~= nil)
end

local LABELS = {
    [SYN_ACK] = { to_client = "SERVER_HANDSHAKE_TRAFFIC_SECRET" },
    [EARLY] = { to_relay = "CLIENT_EARLY_TRAFFIC_SECRET" },
    [ACK] = { to_relay = "CLIENT_HANDSHAKE_TRAFFIC_SECRET" },
    [DATA] = { to_client = "SERVER_TRAFFIC_SECRET_0", to_relay = "CLIENT_TRAFFIC_SECRET_0" },
}

local function direction(c, way)
    return way == c.to_relay and "to_relay" or "to_client"
end

-- The first keys of a packet type in a direction; nil and why there are none.
local function keys_of(c, way, header, keylog)
    if header.type == SYN then return protection.of_syn(header.to, "syn") end
    local label = LABELS[header.type][direction(c, way)]
    if not label then return nil, "no such packet goes this way" end
    local found = way[label]
    if found then return found end
    if not c.random then return nil, "the SYN is not in the capture" end
    local suite = header.suite or c.suite or header.type == EARLY and c.offered
    if not suite then return nil, "the SYN_ACK is not in the capture" end
    local secret = keylog:secret(label, c.random)
    if not secret then return nil, keylog.path == "" and "no key log is given" or "no key in the key log" end
    way[label] = protection.keys(suite, secret)
    if not way[label] then return nil, "a suite that is not known" end
    return way[label]
end

-- WIRE-005
local function restored(low, largest)
    local WINDOW = 4294967296
    local expected = largest + 1
    local candidate = expected - expected % WINDOW + low
    if candidate <= expected - WINDOW / 2 then return candidate + WINDOW end
    if candidate > expected + WINDOW / 2 and candidate >= WINDOW then return candidate - WINDOW end
    return candidate
end

-- ---- sequences of bytes that packets carry parts of

-- Adds a part and calls take with what is whole from the front on: it gives how much it took, until 0.
local function advance(way, name, offset, bytes, take)
    local s = way.sequences[name]
    if not s then
        s = { next = 0, ready = "", parts = {}, held = 0 }
        way.sequences[name] = s
    end
    if s.lost or offset + #bytes <= s.next + #s.ready then return end
    if not s.parts[offset] or #s.parts[offset] < #bytes then
        s.held = s.held + #bytes - #(s.parts[offset] or "")
        s.parts[offset] = bytes
    end
    s.lost = s.held > MOST_HELD
    local moved = true
    while moved do
        moved = false
        for from, part in pairs(s.parts) do
            local stop = s.next + #s.ready
            if from <= stop then
                s.parts[from] = nil
                s.held = s.held - #part
                if from + #part > stop then s.ready = s.ready .. part:sub(stop - from + 1) end
                moved = true
                break
            end
        end
    end
    local taken = take(s.ready)
    while taken > 0 do
        s.next = s.next + taken
        s.ready = s.ready:sub(taken + 1)
        taken = take(s.ready)
    end
end

local function u16(text, at)
    return text:byte(at + 1) * 256 + text:byte(at + 2)
end

-- ---- what frames teach

local learn = {}

-- Of those that a CLIENT_HELLO offers, without what is there for greasing: that of early data, in all likelihood.
local function first_suite(message)
    for at = 69, math.min(#message - 2, 67 + 2 * message:byte(69)), 2 do
        local suite = u16(message, at)
        if protection.is_known(suite) then return suite end
    end
    return nil
end

learn[CRYPTO] = function(c, way, frame, told)
    advance(way, "handshake", frame.values.offset, frame.values.bytes, function(ready)
        if #ready < 4 or #ready < 4 + u16(ready, 2) then return 0 end
        local message = ready:sub(1, 4 + u16(ready, 2))
        told[#told + 1] = { kind = "handshake", frame = frame.index, bytes = message }
        if u16(message, 0) == CLIENT_HELLO and #message >= 71 then 
            c.random, c.offered = message:sub(5, 36), first_suite(message)
        end
        return #message
    end)
end

learn[FRAGMENT] = function(_, way, frame, told)
    advance(way, "room", frame.values.position, frame.values.bytes, function(ready)
        if #ready < 4 or #ready < 4 + u32(ready, 0) then return 0 end
        local size = 4 + u32(ready, 0)
        told[#told + 1] = { kind = "room", frame = frame.index, bytes = ready:sub(5, size) }
        return size
    end)
end

learn[NEW_CONNECTION_ID] = function(c, way, frame)
    local back = way == c.to_relay and c.to_client or c.to_relay -- who told the id gets what is sent to it
    by_id[frame.values.id] = { connection = c, way = back }
end

-- File TLVs stand at the start of a stream, and behind the bytes that the first one announces.
learn[STREAM] = function(_, way, frame, told)
    local v, length = frame.values, frame.length - 13
    local due = way.streams[v.stream] or 0
    while due >= v.offset and due + 4 <= v.offset + length do
        local head = frame.get(13 + due - v.offset, 4)
        local type, n = u16(head, 0), u16(head, 2)
        if type < FILE_FIRST or type > FILE_LAST or due + 4 + n > v.offset + length then return end
        local bytes = frame.get(13 + due - v.offset, 4 + n)
        told[#told + 1] = { kind = "file", frame = frame.index, bytes = bytes }
        due = due + 4 + n
        if (type == FILE_PUT or type == FILE_INFO) and n >= 8 then
            due = due + u32(bytes, 4) * 4294967296 + u32(bytes, 8)
        end
        way.streams[v.stream] = due
    end
end

-- ---- a packet

local NO_DATA = 0x0020 -- PADDING: nothing in it is looked at
local WHOLE = { [CRYPTO] = true, [FRAGMENT] = true }

-- The frames of a payload: a list of { index, type, at, length, values, get }, and whether it could be read to its end.
-- most: bytes of each frame's data to open; those that others are made of are opened whole.
function connections.frames(payload, most)
    local frames, at, size = {}, 0, #payload.sealed
    while at < size do
        local head = payload:get(at, 4)
        if #head < 4 then return frames, false end
        local type, n = u16(head, 0), u16(head, 2)
        if n > size - at - 4 then return frames, false end
        local value_at = at + 4
        local opened = type == NO_DATA and 0 or WHOLE[type] and n or math.min(n, most + 64)
        local frame = { index = #frames + 1, type = type, at = at, length = n, text = payload:get(value_at, opened) }
        frame.get = function(from, count) return payload:get(value_at + from, count) end
        local read = layouts.read("tlvs", type, frame.text, n)
        frame.read, frame.values = read, read and read.values or {}
        if read and not read.whole then return frames, false end
        if not read and type < 0x8000 then return frames, false end
        frames[#frames + 1] = frame
        at = value_at + n
    end
    return frames, size > 0
end

-- Which keys a DATA packet of this phase has, after any number of key updates; fresh: they are new.
local function phase_keys(way, keys, phase, pn)
    way.generations = way.generations or { { keys = keys, from = 0 } }
    local list = way.generations
    local current = list[#list]
    if (#list - 1) % 2 == phase then return current.keys, false end
    if pn < current.from and #list > 1 then return list[#list - 1].keys, false end
    local next_keys = protection.keys(keys.suite, sha256.expand_label(current.keys.secret, "ku", "", 32))
    next_keys.header = keys.header
    return next_keys, true
end

local function clear_header(raw, header, flags, low)
    return string.char(header.type * 16 + flags) .. raw:sub(2, header.pn_at) .. Struct.pack(">I4", low)
end

-- Opens it with these keys: record gets flags, pn, keys, verified; gives the payload and its frames, nil when it is not this.
local function try_open(record, raw, way, keys, options)
    local header = record.header
    local sample = raw:sub(header.pn_at + 5, header.pn_at + 4 + SAMPLE)
    local mask, pn_mask = keys:mask(sample)
    local flags = bxor(raw:byte(1) % 16, mask)
    local low = bxor(u32(raw, header.pn_at), pn_mask)
    record.flags, record.pn = flags, restored(low, way.largest)
    local fresh = false
    if header.type == DATA then keys, fresh = phase_keys(way, keys, flags % 2, record.pn) end
    record.keys = keys
    local payload = keys:payload(record.pn, raw:sub(header.pn_at + 5, -TAG - 1))
    if #raw <= options.verify or fresh then
        record.verified = payload:is_authentic(clear_header(raw, header, flags, low), raw:sub(-TAG))
        if not record.verified then return nil end
    end
    local frames, whole = connections.frames(payload, options.most)
    if not whole and not record.verified then return nil end
    if fresh then way.generations[#way.generations + 1] = { keys = keys, from = record.pn } end
    return payload, frames, whole
end

-- CONN-062: the next SYN goes to another id, and begins anew.
local function on_retry(record, raw)
    local c, keys = record.connection, protection.of_syn(record.connection.first_sid, "retry")
    record.verified = keys:payload(0, ""):is_authentic(raw:sub(1, -TAG - 1), raw:sub(-TAG))
    if not record.verified then
        record.closed = "its tag is not that of an answer to the SYN"
        return
    end
    by_id[record.header.from] = { connection = c, way = c.to_relay }
    c.to_relay.sequences = {}
end

local function connection_of(header)
    local known = by_id[header.to]
    if header.type == SYN then
        if not known then new_connection(header) end
        return by_id[header.to]
    end
    if known and header.type == SYN_ACK then
        known.connection.suite = known.connection.suite or header.suite
        by_id[header.from] = by_id[header.from] or { connection = known.connection, way = known.connection.to_relay }
    end
    return known
end

-- Meets a datagram for the first time. options: keylog, verify (bytes of the largest packet whose tag is checked), most, cut (bytes are
-- missing at its end). The record:
-- header, connection, way ("to_relay", "to_client"), pn, flags, keys, verified, told (whole messages), closed (why it is not open);
-- and, when it could be opened, its payload, frames, and whether they could be read to the end.
function connections.meet(raw, header, options)
    local record = { header = header, told = {} }
    local known = connection_of(header)
    if not known then
        record.closed = "the beginning of this connection is not in the capture"
        return record
    end
    local c, way = known.connection, known.way
    record.connection, record.way = c, direction(c, way)
    if header.type == RETRY then on_retry(record, raw) end
    if not header.pn_at then return record end
    local keys, why = nil, "the capture has not all of it"
    if not options.cut then keys, why = keys_of(c, way, header, options.keylog) end
    if not keys then
        record.closed = why
        return record
    end
    local payload, frames, whole = try_open(record, raw, way, keys, options)
    if not payload then
        record.closed, record.keys, record.pn = "it does not open with the key there is: damaged, or another's", nil, nil
        return record
    end
    if record.pn > way.largest then way.largest = record.pn end
    for _, frame in ipairs(frames) do
        if learn[frame.type] then learn[frame.type](c, way, frame, record.told) end
    end
    return record, payload, frames, whole
end

-- Opens a packet once more that was opened when it was met.
function connections.again(record, raw, most)
    local payload = record.keys:payload(record.pn, raw:sub(record.header.pn_at + 5, -TAG - 1))
    return payload, connections.frames(payload, most)
end

return connections
