const std = @import("std");

/// A list of numbers.
pub const List = struct {
    items: []u32,
    length: usize = 0,

    /// Appends a number, or says that there is no room for it.
    pub fn append(self: *List, value: u32) !void {
        if (self.length == self.items.len) return error.Full;
        self.items[self.length] = value;
        self.length += 1;
    }
};

const Kind = enum { small, large };
const Failure = error{ Full, Empty };
var count: u32 = 0;

test "append" {
    try std.testing.expect(true);
}
