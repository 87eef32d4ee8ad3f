local M = {}

local limit = 10

-- Shows a list.
function M.show(items)
  for _, item in ipairs(items) do print(item) end
end

function M.Picker:close(reason)
  self.closed = true
  self.reason = reason or "closed"
end

M.pick = function(index) return limit + index end

local helper = function() end

local actions = {
  open = function(path) return io.open(path) end,
  close = function(file) file:close() end,
}

M.version = "1.0"

return M
