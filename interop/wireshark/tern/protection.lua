-- SPDX-License-Identifier: MIT
-- What protects packets (spec: wire 2, handshake 2): the keys of a traffic secret, header protection, and a payload that is
-- opened where somebody looks: both ciphers give any part of their key stream alone.

local bits, sha256, aes, chacha = ...
local bxor = bits.bxor
local AES, CHACHA, PLAINTEXT = 0x1302, 0x1303, 0x00ff
local HIGH = 4294967296

local protection = {}
local Keys = {}
Keys.__index = Keys

-- suite: a number of the registry; nil for one that is not known.
function protection.keys(suite, secret)
    if suite ~= AES and suite ~= CHACHA and suite ~= PLAINTEXT then return nil end
    local k = setmetatable({ suite = suite, secret = secret }, Keys)
    local key, header = sha256.expand_label(secret, "key", "", 32), sha256.expand_label(secret, "hp", "", 32)
    k.iv = { Struct.unpack(">I4I4I4", sha256.expand_label(secret, "iv", "", 12)) }
    if suite == AES then
        k.schedule, k.header = aes.schedule(key), aes.schedule(header)
    elseif suite == CHACHA then
        k.words = { Struct.unpack("<I4I4I4I4I4I4I4I4", key) }
        k.header = { Struct.unpack("<I4I4I4I4I4I4I4I4", header) }
    else
        k.key = key
    end
    return k
end

-- HS-012, WIRE-071: what everyone can compute who has seen a SYN. label: "syn", "retry"
function protection.of_syn(first_sid, label)
    local initial = sha256.hmac("tern/1 syn salt ----", first_sid)
    return protection.keys(AES, sha256.expand_label(initial, label, "", 32))
end

-- The mask of the flags and, as a number, that of the packet number (WIRE-011). sample: 16 bytes.
function Keys:mask(sample)
    local text
    if self.suite == AES then
        text = Struct.pack(">I4I4I4I4", aes.encrypt(self.header, Struct.unpack(">I4I4I4I4", sample)))
    elseif self.suite == CHACHA then
        local counter, n0, n1, n2 = Struct.unpack("<I4I4I4I4", sample)
        local words = chacha.block(self.header, counter, n0, n1, n2)
        text = Struct.pack("<I4I4", words[1], words[2])
    else
        return 0, 0
    end
    return text:byte(1) % 16, (Struct.unpack(">I4", text, 2))
end

-- WIRE-010, as words of the suite's own order.
function Keys:nonce(pn)
    local low = pn % HIGH
    local n0, n1, n2 = self.iv[1], bxor(self.iv[2], (pn - low) / HIGH), bxor(self.iv[3], low)
    if self.suite == CHACHA then return Struct.unpack("<I4I4I4", Struct.pack(">I4I4I4", n0, n1, n2)) end
    return n0, n1, n2
end

-- ---- the payload

local Payload = {}
Payload.__index = Payload

-- sealed: without its tag. Its bytes are opened as they are asked for.
function Keys:payload(pn, sealed)
    local n0, n1, n2 = self:nonce(pn)
    return setmetatable({ keys = self, sealed = sealed, n0 = n0, n1 = n1, n2 = n2 }, Payload)
end

local BLOCK = { [AES] = 16, [CHACHA] = 64 }
local FORMAT = { [AES] = ">I4I4I4I4", [CHACHA] = "<" .. ("I4"):rep(16) }

-- The block from byte at on, a multiple of its size.
function Payload:block(at)
    if self.open_at == at then return self.open end
    local keys = self.keys
    local size, format = BLOCK[keys.suite], FORMAT[keys.suite]
    local text = self.sealed:sub(at + 1, at + size)
    local missing = size - #text
    if missing > 0 then text = text .. ("\0"):rep(missing) end
    local clear
    if keys.suite == AES then
        local a, b, c, d = aes.encrypt(keys.schedule, self.n0, self.n1, self.n2, at / 16 + 2)
        local w, x, y, z = Struct.unpack(format, text)
        clear = Struct.pack(format, bxor(a, w), bxor(b, x), bxor(c, y), bxor(d, z))
    else
        local stream = chacha.block(keys.words, at / 64 + 1, self.n0, self.n1, self.n2)
        local words = { Struct.unpack(format, text) }
        for i = 1, 16 do words[i] = bxor(words[i], stream[i]) end
        clear = Struct.pack(format, (table.unpack or unpack)(words, 1, 16))
    end
    if missing > 0 then clear = clear:sub(1, size - missing) end
    self.open_at, self.open = at, clear
    return clear
end

-- n bytes from byte at on: fewer where the payload ends.
function Payload:get(at, n)
    if self.keys.suite == PLAINTEXT then return self.sealed:sub(at + 1, at + n) end
    local stop = math.min(at + n, #self.sealed)
    if stop <= at then return "" end
    local size = BLOCK[self.keys.suite]
    local first, parts = at - at % size, {}
    for from = first, stop - 1, size do parts[#parts + 1] = self:block(from) end
    return table.concat(parts):sub(at - first + 1, stop - first)
end

local function whole_blocks(text)
    return text .. ("\0"):rep(-#text % 16)
end

local function tag_by_ghash(payload, header)
    local keys = payload.keys
    if not keys.ghash then keys.ghash = aes.ghash_table(aes.encrypt(keys.schedule, 0, 0, 0, 0)) end
    local text = whole_blocks(header) .. whole_blocks(payload.sealed) ..
        Struct.pack(">I4I4I4I4", 0, #header * 8, 0, #payload.sealed * 8)
    local a, b, c, d = aes.encrypt(keys.schedule, payload.n0, payload.n1, payload.n2, 1)
    local w, x, y, z = aes.ghash(keys.ghash, text)
    return Struct.pack(">I4I4I4I4", bxor(a, w), bxor(b, x), bxor(c, y), bxor(d, z))
end

local function tag_by_poly1305(payload, header)
    local once = chacha.block(payload.keys.words, 0, payload.n0, payload.n1, payload.n2)
    return chacha.poly1305(once, whole_blocks(header) .. whole_blocks(payload.sealed) ..
        Struct.pack("<I4I4I4I4", #header, 0, #payload.sealed, 0))
end

-- WIRE-014
local function tag_by_hmac(payload, header)
    local text = Struct.pack(">I4I4I4I4I4", payload.n0, payload.n1, payload.n2, 0, #header) .. header .. payload.sealed
    return sha256.hmac(payload.keys.key, text):sub(1, 16)
end

local TAG = { [AES] = tag_by_ghash, [CHACHA] = tag_by_poly1305, [PLAINTEXT] = tag_by_hmac }

function protection.is_known(suite)
    return TAG[suite] ~= nil
end

-- Whether tag is the payload's under this header, header protection removed.
function Payload:is_authentic(header, tag)
    return TAG[self.keys.suite](self, header) == tag
end

return protection
