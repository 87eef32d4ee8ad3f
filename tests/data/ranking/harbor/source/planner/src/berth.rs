/// A place at the quay.
#[derive(Clone, Debug)]
pub struct Berth {
    pub name: String,
    pub length: f64,
    pub depth: f64,
}

/// What a ship needs of a berth.
#[derive(Clone, Debug)]
pub struct Ship {
    pub name: String,
    pub length: f64,
    pub draught: f64,
    pub arrives: u64,
    pub departs: u64,
    pub perishable: bool,
    pub pinned: bool,
}

impl Berth {
    /// Water below the keel that must be left at the lowest tide, in metres.
    const CLEARANCE: f64 = 0.5;

    pub fn is_long_enough(&self, ship: &Ship) -> bool {
        self.length >= ship.length
    }

    /// `lowest` is the lowest water during the visit, relative to the chart.
    pub fn is_deep_enough(&self, ship: &Ship, lowest: f64) -> bool {
        self.depth + lowest - ship.draught >= Self::CLEARANCE
    }
}
