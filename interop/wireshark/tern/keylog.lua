-- SPDX-License-Identifier: MIT
-- A key log (spec: handshake, Key log): read again when it has grown, so that a capture that goes on can be followed.

local KeyLog = {}
KeyLog.__index = KeyLog

local function bytes_of(hex)
    return (hex:gsub("%x%x", function(digits) return string.char(tonumber(digits, 16)) end))
end

function KeyLog.new(path)
    return setmetatable({ path = path, read = 0, secrets = {} }, KeyLog)
end

-- Takes one line: of a file, or of a packet's comment as `tern-sim run --pcapng` writes them.
function KeyLog:learn(line)
    local label, random, secret = line:match("^(%u[%u%d_]+) (%x+) (%x+)%s*$")
    if label and #random == 64 and #secret == 64 then
        self.secrets[label .. bytes_of(random)] = bytes_of(secret)
    end
end

function KeyLog:update()
    local file = self.path ~= "" and io.open(self.path, "r")
    if not file then return end
    local size = file:seek("end")
    if size ~= self.read then
        file:seek("set", 0)
        for line in file:lines() do self:learn(line) end
        self.read = size
    end
    file:close()
end

-- nil when there is none (yet). random: 32 bytes.
function KeyLog:secret(label, random)
    local found = self.secrets[label .. random]
    if found then return found end
    self:update()
    return self.secrets[label .. random]
end

return KeyLog
