-- SPDX-License-Identifier: MIT
-- What stands in each TLV, in the words of the chapters (spec: wire 3 and 4, handshake 1, rooms), which a test compares this
-- file with; a reader for that notation, and the fields that Wireshark knows them by.

local registry = ...
local layouts = {}

local ACK = "largest:u64 delay_us:u32 first:u32 (gap:u32 length:u32)*"

layouts.tlvs = {
    [0x0001] = "position:u64 bytes",
    [0x0006] = "number:u64 time_ms:u64",
    [0x0009] = "empty",
    [0x000a] = "member:u32 family:u8 ip:(0, 4 or 16 bytes) port:u16 nick:(n:u8 n bytes)",
    [0x000b] = "number:u64",
    [0x000c] = "number:u64 why:u8",
    [0x0020] = "any bytes",
    [0x0021] = ACK,
    [0x0022] = "offset:u32 bytes",
    [0x0023] = "stream:u32 flags:u8 offset:u64 bytes",
    [0x0024] = "stream:u32 code:u16 final:u64",
    [0x0025] = "stream:u32 code:u16",
    [0x0026] = "limit:u64",
    [0x0027] = "stream:u32 limit:u64",
    [0x0028] = "limit:u32",
    [0x0029] = "limit:u64",
    [0x002a] = "code:u16 reason",
    [0x002b] = "ect0:u64 ect1:u64 ce:u64 " .. ACK,
    [0x002c] = "data:8",
    [0x002d] = "data:8",
    [0x002e] = "sequence:u32 retire_prior_to:u32 id:8 token:16",
    [0x002f] = "sequence:u32",
    [0x0030] = "bytes",
    [0x0031] = "id:u64 size:u32 offset:u32 bytes",
    [0x0032] = "id:u64 size:u32",
    [0x0033] = "limit:u64",
    [0x0034] = "limit:u32",
    [0x0038] = "sequence:u32 packets:u16 reordering:u16 delay_us:u32",
    [0x003a] = "lifetime_s:u32 nonce:8 max_early:u32 ticket",
    [0x0040] = "room:(n:u8 n bytes) nick:(n:u8 n bytes)",
    [0x0041] = "empty",
    [0x0042] = "empty",
    [0x0043] = "member:u32 next:u64 count:u32",
    [0x0044] = "code:u16 text",
    [0x0045] = "empty",
    [0x0046] = "first:u64 last:u64",
    [0x0050] = "size:u64 name",
    [0x0051] = "name",
    [0x0052] = "size:u64",
    [0x0053] = "sha256:32",
    [0x0054] = "code:u16 text",
    [0x0101] = "random:32 share:32 suites:(n:u8 n × u16) name:(n:u8 n bytes) parameters",
    [0x0102] = "parameters",
    [0x0103] = "(length:u16 DER)+",
    [0x0104] = "key:65",
    [0x0105] = "signature",
    [0x0106] = "verify:32",
    [0x0107] = "empty",
    [0x0108] = "response",
}

layouts.parameters = {
    [0x0001] = "ms:u32",
    [0x0002] = "bytes:u16",
    [0x0003] = "bytes:u64",
    [0x0004] = "bytes:u64",
    [0x0005] = "count:u32",
    [0x0006] = "bytes:u64",
    [0x0007] = "bytes:u32",
    [0x0008] = "ms:u16",
    [0x000d] = "count:u32",
    [0x000e] = "bytes:u64",
    [0x000f] = "bytes:u16",
    [0x0017] = "1 to 128 bytes",
    [0x0018] = "1 to 256 bytes",
    [0x0019] = "32 bytes",
    [0x001a] = "empty",
}

-- What a number of a TLV's field means: TLV and field, or the field of any.
local meanings = {
    [0x002a] = { code = registry.errors },
    [0x0024] = { code = registry.errors },
    [0x0025] = { code = registry.errors },
    [0x0044] = { code = registry.refused },
    [0x0054] = { code = registry.file_errors },
    [0x000c] = { why = registry.left },
}

-- ---- the notation

local TEXTS = { reason = true, text = true, name = true }

-- A layout as a list of steps { kind, name, size }; a group's third is its own list.
local function parse_notation(text)
    local steps, at = {}, 1
    local function try(pattern, make)
        local from, to, a, b = text:find("^" .. pattern, at)
        if not from then return false end
        at = to + 1
        steps[#steps + 1] = make(a, b)
        return true
    end
    while at <= #text do
        local known = try(" +", function() return nil end) or
            try("empty", function() return nil end) or
            try("%d+ to %d+ bytes", function() return { "rest", "bytes" } end) or
            try("%d+ bytes", function() return { "rest", "bytes" } end) or
            try("any bytes", function() return { "rest", "bytes" } end) or
            try("parameters", function() return { "parameters", "parameters" } end) or
            try("([%w_]+):u(%d+)", function(name, n) return { "number", name, tonumber(n) / 8 } end) or
            try("([%w_]+):(%d+)", function(name, n) return { "fixed", name, tonumber(n) } end) or
            try("([%w_]+):%(n:u8 n bytes%)", function(name) return { "short", name } end) or
            try("([%w_]+):%(n:u8 n × u16%)", function(name) return { "list", name } end) or
            try("([%w_]+):%(0, 4 or 16 bytes%)", function(name) return { "address", name } end) or
            try("%(length:u16 ([%w_]+)%)%+", function(name) return { "chain", name } end) or
            try("(%b())%*", function(group) return { "group", "group", parse_notation(group:sub(2, -2)) } end) or
            try("([%w_]+)", function(name) return { TEXTS[name] and "text" or "rest", name } end)
        if not known then error("layout: " .. text) end
    end
    return steps
end

-- ---- fields

layouts.fields = {} -- all, for the protocol
local by_number = { tlvs = {}, parameters = {} }

local INTEGERS = { ProtoField.uint8, ProtoField.uint16, nil, ProtoField.uint32, nil, nil, nil, ProtoField.uint64 }

local function field_of(step, prefix, means)
    local kind, name, size = step[1], step[2], step[3]
    local key, title = prefix .. "." .. name:lower(), name
    if kind == "number" then return INTEGERS[size](key, title, base.DEC, means and means[name]) end
    if kind == "short" or kind == "text" then return ProtoField.string(key, title) end
    if kind == "list" then return ProtoField.uint16(key, title, base.HEX, registry.suites) end
    return ProtoField.bytes(key, title)
end

local function prepare(steps, prefix, means, fields)
    for _, step in ipairs(steps) do
        if step[1] == "group" then
            prepare(step[3], prefix, means, fields)
        elseif step[1] ~= "parameters" and not fields[step[2]] then
            local field = field_of(step, prefix, means)
            fields[step[2]] = field
            layouts.fields[#layouts.fields + 1] = field
        end
    end
end

local function prepare_all(kind, names, prefix)
    for number, text in pairs(layouts[kind]) do
        local entry = { steps = parse_notation(text), fields = {} }
        prepare(entry.steps, prefix .. names[number]:lower(), meanings[number], entry.fields)
        by_number[kind][number] = entry
    end
end

prepare_all("tlvs", registry.tlvs, "tern.")
prepare_all("parameters", registry.parameters, "tern.parameter.")

-- ---- reading

-- A number of n bytes. Above 2^53 it is not exact; what is shown is read by Wireshark.
local function number(text, at, n)
    local v = 0
    for i = at + 1, at + n do v = v * 256 + text:byte(i) end
    return v
end

local read

-- How many bytes a step takes at `at`; nil: there are not so many.
local function length_of(step, text, at, total, values)
    local kind, left = step[1], total - at
    local n
    if kind == "number" or kind == "fixed" then
        n = step[3]
    elseif kind == "address" then
        n = values.family == 4 and 4 or values.family == 6 and 16 or 0
    else
        return left
    end
    return n <= left and n or nil
end

-- What has its length before it: nil, or how many bytes stand behind.
local function counted(text, at, total, size, scale)
    if total - at < size then return nil end
    local n = number(text, at, size) * scale
    return n <= total - at - size and n or nil
end

local function read_step(step, entry, text, at, total, out)
    local kind, name = step[1], step[2]
    local add = function(from, n) out.items[#out.items + 1] = { entry.fields[name], from, n } end
    if kind == "group" then
        while at < total do
            at = read(step[3], entry, text, at, total, out)
            if not at then return nil end
        end
        return at
    elseif kind == "parameters" then
        out.parameters_at = at
        return total
    elseif kind == "short" or kind == "list" then
        local n = counted(text, at, total, 1, kind == "list" and 2 or 1)
        if not n then return nil end
        if kind == "list" then
            for i = 1, n, 2 do add(at + i, 2) end
        else
            add(at + 1, n)
            out.values[name] = text:sub(at + 2, at + 1 + n)
        end
        return at + 1 + n
    elseif kind == "chain" then
        while at < total do
            local n = counted(text, at, total, 2, 1)
            if not n then return nil end
            add(at + 2, n)
            at = at + 2 + n
        end
        return at
    end
    local n = length_of(step, text, at, total, out.values)
    if not n then return nil end
    if kind == "number" then
        out.values[name] = number(text, at, n)
    elseif kind ~= "rest" or #text == total then
        out.values[name] = text:sub(at + 1, at + n)
    end
    if n > 0 then add(at, n) end
    out.rest_at = kind == "rest" and at or out.rest_at
    return at + n
end

function read(steps, entry, text, at, total, out)
    for _, step in ipairs(steps) do
        at = read_step(step, entry, text, at, total, out)
        if not at then return nil end
    end
    return at
end

-- Reads the value of a TLV ("tlvs") or a parameter ("parameters"). text may hold only the beginning of its total bytes, if that
-- reaches to where the rest begins. nil for a number without a layout; else items { field, offset, bytes }, values by name,
-- where the rest and the parameters begin, and whether all of it could be read.
function layouts.read(kind, tlv, text, total)
    local entry = by_number[kind][tlv]
    if not entry then return nil end
    local out = { items = {}, values = {} }
    out.whole = read(entry.steps, entry, text, 0, total, out) == total
    return out
end

return layouts
