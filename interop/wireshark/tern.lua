-- SPDX-License-Identifier: MIT
-- Tern/1 for Wireshark and tshark: opens packets with the key log of `tern --key-log FILE` (or SSLKEYLOGFILE) and names what is in
-- them (spec: wire, handshake, rooms). See README.md beside.

local here = debug.getinfo(1, "S").source:match("^@(.*[/\\])") or ""
local function part(name, ...)
    return assert(loadfile(here .. "tern/" .. name .. ".lua"))(...)
end

local bits = part("bits")
local sha256 = part("sha256", bits)
local protection = part("protection", bits, sha256, part("aes", bits), part("chacha", bits))
local registry = part("registry")
local layouts = part("layouts", registry)
local connections = part("connections", bits, protection, sha256, layouts)
local KeyLog = part("keylog")

local tern = Proto("tern", "Tern")

-- ---- fields

local names = {} -- of frame types that may be ignored, too
for number, name in pairs(registry.tlvs) do names[number] = name end

local f = {
    type = ProtoField.uint8("tern.type", "Packet type", base.DEC, registry.packets, 0xf0),
    flags = ProtoField.uint8("tern.flags", "Flags", base.HEX, nil, 0x0f),
    phase = ProtoField.bool("tern.key_phase", "Key phase", base.NONE),
    version = ProtoField.uint32("tern.version", "Version", base.HEX, registry.versions),
    to = ProtoField.bytes("tern.to", "Receiver's connection id"),
    from = ProtoField.bytes("tern.from", "Sender's connection id"),
    random = ProtoField.bytes("tern.random", "Random"),
    share = ProtoField.bytes("tern.share", "X25519 share"),
    suite = ProtoField.uint16("tern.suite", "Suite", base.HEX, registry.suites),
    resumed = ProtoField.uint8("tern.resumed", "Resumed", base.DEC),
    pn = ProtoField.uint64("tern.pn", "Packet number", base.DEC),
    cookie = ProtoField.bytes("tern.cookie", "Cookie"),
    token = ProtoField.bytes("tern.token", "Stateless reset token"),
    sealed = ProtoField.bytes("tern.sealed", "Sealed payload"),
    tag = ProtoField.bytes("tern.tag", "Tag"),
    verified = ProtoField.bool("tern.verified", "Tag verified", base.NONE),
    connection = ProtoField.uint32("tern.connection", "Connection", base.DEC),
    way = ProtoField.string("tern.direction", "Direction"),
    payload = ProtoField.bytes("tern.payload", "Payload"),
    frame = ProtoField.uint16("tern.frame", "Frame", base.HEX, names),
    length = ProtoField.uint16("tern.length", "Length", base.DEC),
    value = ProtoField.bytes("tern.value", "Value"),
    parameter = ProtoField.uint16("tern.parameter", "Parameter", base.HEX, registry.parameters),
    handshake = ProtoField.uint16("tern.handshake", "Handshake message", base.HEX, registry.tlvs),
    room = ProtoField.uint16("tern.room", "Room message", base.HEX, registry.tlvs),
    file = ProtoField.uint16("tern.file", "File message", base.HEX, registry.tlvs),
    body = ProtoField.string("tern.body", "Body"),
}

local e = {
    closed = ProtoExpert.new("tern.closed", "Payload is not open", expert.group.UNDECODED, expert.severity.NOTE),
    malformed = ProtoExpert.new("tern.malformed", "Malformed", expert.group.MALFORMED, expert.severity.ERROR),
    partly = ProtoExpert.new("tern.partly", "Payload is open in part", expert.group.UNDECODED, expert.severity.CHAT),
    close = ProtoExpert.new("tern.ended", "The connection is closed", expert.group.SEQUENCE, expert.severity.NOTE),
}

do
    local fields = {}
    for _, field in pairs(f) do fields[#fields + 1] = field end
    for _, field in ipairs(layouts.fields) do fields[#fields + 1] = field end
    tern.fields = fields
    local experts = {}
    for _, one in pairs(e) do experts[#experts + 1] = one end
    tern.experts = experts
end

tern.prefs.keylog_file = Pref.string("Key log file", "", "What `tern --key-log FILE` wrote; empty: where SSLKEYLOGFILE says")
tern.prefs.verify = Pref.uint("Verify tags of packets up to (bytes)", 2048, "Larger ones are opened without; 0: none is verified")
tern.prefs.most = Pref.uint("Open of each frame's data (bytes)", 1024, "Messages of rooms and the handshake are opened whole")

-- ---- what is kept

local keylog, packets

function tern.init()
    local path = tern.prefs.keylog_file
    keylog = KeyLog.new(path ~= "" and path or os.getenv("SSLKEYLOGFILE") or "")
    packets = {}
    connections.forget()
end

-- ---- TLVs

local function name_of(number)
    return registry.tlvs[number] or string.format("0x%04x", number)
end

local show_parameters

-- The fields of a TLV's value, which stands in range; text holds it, or its beginning.
local function show_value(kind, number, range, text, tree)
    local total = range and range:len() or 0
    local read = layouts.read(kind, number, text, total)
    if not read then
        if range then tree:add(f.value, range) end
        return {}
    end
    for _, item in ipairs(read.items) do
        if item[3] > 0 then
            tree:add(item[1], range(item[2], item[3]))
        else
            tree:add(item[1], range(item[2] - 1, 1), "")
        end
    end
    if read.parameters_at and read.parameters_at < total then show_parameters(range(read.parameters_at), tree) end
    if not read.whole then tree:add_proto_expert_info(e.malformed) end
    return read.values
end

-- The next TLV in range from at on: type, its own range, its value's range (nil when empty); nil when none is whole.
local function next_tlv(range, at)
    local left = range:len() - at
    if left < 4 then return nil end
    local number, n = range(at, 2):uint(), range(at + 2, 2):uint()
    if n > left - 4 then return nil end
    return number, range(at, 4 + n), n > 0 and range(at + 4, n) or nil
end

local function show_tlv(kind, field, number, whole, value, tree)
    local own = tree:add(field, whole(0, 2))
    own:set_len(whole:len())
    own:add(f.length, whole(2, 2))
    return own, show_value(kind, number, value, value and value:bytes():raw() or "", own)
end

function show_parameters(range, tree)
    local at = 0
    while at < range:len() do
        local number, whole, value = next_tlv(range, at)
        if not number then
            tree:add_proto_expert_info(e.malformed)
            return
        end
        show_tlv("parameters", f.parameter, number, whole, value, tree)
        at = at + whole:len()
    end
end

local SENDER_INFO = 0x000a

local function shortened(text)
    text = text:gsub("%c", ".")
    return #text > 60 and text:sub(1, 57) .. "..." or text
end

-- A whole message that this packet completed: its words for the list of packets.
local function show_message(message, tree)
    local range = ByteArray.new(message.bytes, true):tvb("Tern " .. message.kind .. " message"):range()
    local number, whole, value = next_tlv(range, 0)
    if not number then
        tree:add_proto_expert_info(e.malformed)
        return message.kind
    end
    local own, values = show_tlv("tlvs", f[message.kind], number, whole, value, tree)
    local words, at = name_of(number), whole:len()
    if message.kind ~= "room" then
        return words .. (values.name and values.name ~= "" and " " .. shortened(values.name) or "")
    end
    local second, info, inner = next_tlv(range, at)
    if second == SENDER_INFO and values.number or number == 0x0045 and second == SENDER_INFO then
        local _, sender = show_tlv("tlvs", f.room, second, info, inner, own)
        words, at = words .. " " .. shortened(sender.nick or "?"), at + info:len()
    elseif values.nick then
        words = words .. " " .. shortened(values.nick) .. " in " .. shortened(values.room)
    end
    if at < range:len() then
        own:add(f.body, range(at))
        words = words .. ": " .. shortened(message.bytes:sub(at + 1, at + 61))
    end
    own:append_text(", " .. words)
    return words
end

-- ---- frames

local TELLING = { -- the value that tells frames of a type apart
    [0x0001] = "position",
    [0x0021] = "largest",
    [0x0022] = "offset",
    [0x0023] = "stream",
    [0x0024] = "stream",
    [0x0025] = "stream",
    [0x0027] = "stream",
    [0x002b] = "largest",
    [0x002e] = "sequence",
    [0x002f] = "sequence",
    [0x0031] = "id",
    [0x0032] = "id",
}
local CLOSE, PADDING = 0x002a, 0x0020

local function frame_words(frame)
    local words = name_of(frame.type)
    if frame.type == CLOSE then
        return string.format("%s(%s)", words, registry.errors[frame.values.code] or frame.values.code)
    end
    local told = TELLING[frame.type]
    return told and string.format("%s(%.0f)", words, frame.values[told]) or words
end

-- What was opened, with zeros where it was not.
local function opened_text(frames, size)
    local parts, all = {}, true
    for _, frame in ipairs(frames) do
        parts[#parts + 1] = frame.get(-4, 4) .. frame.text
        local rest = frame.length - #frame.text
        if rest > 0 then
            parts[#parts + 1] = ("\0"):rep(rest)
            all = all and frame.type == PADDING
        end
    end
    local text = table.concat(parts)
    return text .. ("\0"):rep(size - #text), all
end

local function show_frames(record, payload, frames, whole, tree)
    local words, size = {}, #payload.sealed
    local text, all = opened_text(frames, size)
    local range = ByteArray.new(text, true):tvb("Tern payload"):range()
    local under = tree:add(f.payload, range)
    if not all then under:add_proto_expert_info(e.partly, "zeros stand for data that was not opened: see the preferences") end
    for _, frame in ipairs(frames) do
        local own = under:add(f.frame, range(frame.at, 2))
        own:set_len(4 + frame.length)
        own:add(f.length, range(frame.at + 2, 2))
        show_value("tlvs", frame.type, frame.length > 0 and range(frame.at + 4, frame.length) or nil, frame.text, own)
        local about = frame_words(frame)
        if frame.type == CLOSE then own:add_proto_expert_info(e.close, about) end
        own:append_text(", " .. about)
        local messages = {}
        for _, message in ipairs(record.told) do
            if message.frame == frame.index then messages[#messages + 1] = show_message(message, own) end
        end
        if #messages > 0 then about = about .. "[" .. table.concat(messages, ", ") .. "]" end
        words[#words + 1] = about
    end
    if not whole then
        under:add_proto_expert_info(e.malformed, "a frame that cannot be read")
        words[#words + 1] = "[malformed]"
    end
    return table.concat(words, " ")
end

-- ---- packets

local RETRY, VERSIONS, RESET = 6, 7, 8
local WAYS = { to_relay = "client to relay", to_client = "relay to client" }

local function show_header(record, range, tree)
    local header = record.header
    tree:add(f.type, range(0, 1))
    if header.from then
        tree:add(f.version, range(1, 4))
        tree:add(f.to, range(5, 8))
        tree:add(f.from, range(13, 8))
    else
        tree:add(f.to, range(1, 8))
    end
    if header.suite then
        tree:add(f.random, range(21, 32))
        tree:add(f.share, range(53, 32))
        tree:add(f.suite, range(85, 2))
        tree:add(f.resumed, range(87, 1))
    end
    if header.type == VERSIONS then
        local n = range(17, 1):uint()
        tree:add(f.from, range(9, 8))
        for i = 0, n - 1 do tree:add(f.version, range(18 + 4 * i, 4)) end
        for at = 19 + 4 * n, range:len() - 2, 2 do tree:add(f.suite, range(at, 2)) end
    end
    if header.type == RESET then tree:add(f.token, range(9, 16)) end
    if header.type == RETRY then
        tree:add(f.cookie, range(21, range:len() - 37))
        tree:add(f.tag, range(range:len() - 16))
        tree:add(f.verified, range(range:len() - 16), record.verified == true):set_generated()
    end
    if record.connection then
        tree:add(f.connection, range(0, 0), record.connection.number):set_generated()
        tree:add(f.way, range(0, 0), WAYS[record.way]):set_generated()
    end
end

local function show_opened(record, range, tree)
    local pn_at = record.header.pn_at
    tree:add(f.flags, range(0, 1), record.flags)
    if record.header.type == 5 then tree:add(f.phase, range(0, 1), record.flags % 2 == 1) end
    tree:add(f.pn, range(pn_at, 4), UInt64(record.pn % 4294967296, math.floor(record.pn / 4294967296)))
    tree:add(f.tag, range(range:len() - 16))
    tree:add(f.verified, range(range:len() - 16), record.verified == true):set_generated()
end

-- One datagram: its words for the list of packets.
local function show_packet(range, key, cut, tree)
    local raw = range:bytes():raw()
    local record, payload, frames, whole = packets[key], nil, nil, nil
    if not record then
        local header = connections.header(raw)
        if not header then return nil end
        local options = { keylog = keylog, verify = tern.prefs.verify, most = tern.prefs.most, cut = cut }
        record, payload, frames, whole = connections.meet(raw, header, options)
        packets[key] = record
    elseif record.keys then
        payload, frames, whole = connections.again(record, raw, tern.prefs.most)
    end
    local own = tree:add(tern, range)
    local words = registry.packets[record.header.type]
    show_header(record, range, own)
    if payload then
        show_opened(record, range, own)
        words = string.format("%s pn=%.0f %s", words, record.pn, show_frames(record, payload, frames, whole, own))
    elseif record.closed then
        local what = record.header.pn_at and own:add(f.sealed, range(record.header.pn_at + 4)) or own
        what:add_proto_expert_info(e.closed, record.closed)
        words = words .. " [" .. record.closed .. "]"
    end
    own:append_text(", " .. words)
    return words
end

-- Lua is not shown the secrets that a capture has in blocks of their own, but the comments of packets.
local comments = Field.new("frame.comment")

function tern.dissector(tvb, pinfo, tree)
    local raw, cut = tvb:raw(), tvb:len() < tvb:reported_len()
    local header = connections.header(raw)
    if not header or pinfo.in_error_pkt then return 0 end
    for _, comment in ipairs({ comments() }) do keylog:learn(tostring(comment.value)) end
    local size = not cut and connections.segment(raw, header) or #raw
    local words = {}
    for at = 0, #raw - 1, size do
        local range = tvb:range(at, math.min(size, #raw - at))
        words[#words + 1] = show_packet(range, pinfo.number + at / 65536, cut, tree) or "[not Tern]"
    end
    pinfo.cols.protocol = "Tern"
    pinfo.cols.info = table.concat(words, " | ")
    return tvb:len()
end

tern:register_heuristic("udp", function(tvb, pinfo, tree)
    if pinfo.in_error_pkt or not connections.is_known(tvb:raw(), tvb:reported_len()) then return false end
    pinfo.conversation = tern
    tern.dissector(tvb, pinfo, tree)
    return true
end)
DissectorTable.get("udp.port"):add(8376, tern)
