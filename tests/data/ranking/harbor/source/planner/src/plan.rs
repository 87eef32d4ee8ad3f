use crate::berth::{Berth, Ship};
use crate::tide::TideTable;
use std::collections::HashMap;

/// Why a ship got no berth.
#[derive(Debug, PartialEq)]
pub enum Unplaced {
    TooLong,
    TooDeep,
    NoFreeTime,
}

#[derive(Default)]
pub struct Plan {
    pub berth_of: HashMap<String, String>,
    pub waiting: Vec<(String, Unplaced)>,
}

/// Gives each ship, in order of arrival, the berth that is free first. Perishable cargo goes first
/// among ships that arrive together.
pub fn make_plan(mut ships: Vec<Ship>, berths: &[Berth], tides: &TideTable) -> Plan {
    ships.sort_by_key(|ship| (!ship.pinned, ship.arrives, !ship.perishable));
    let mut plan = Plan::default();
    let mut free_from: HashMap<&str, u64> = HashMap::new();
    for ship in &ships {
        match choose_berth(ship, berths, tides, &free_from) {
            Ok(berth) => {
                free_from.insert(&berth.name, ship.departs);
                plan.berth_of.insert(ship.name.clone(), berth.name.clone());
            }
            Err(reason) => plan.waiting.push((ship.name.clone(), reason)),
        }
    }
    plan
}

fn choose_berth<'a>(
    ship: &Ship,
    berths: &'a [Berth],
    tides: &TideTable,
    free_from: &HashMap<&str, u64>,
) -> Result<&'a Berth, Unplaced> {
    let lowest = tides.lowest_between(ship.arrives, ship.departs);
    let long: Vec<&Berth> = berths.iter().filter(|b| b.is_long_enough(ship)).collect();
    if long.is_empty() {
        return Err(Unplaced::TooLong);
    }
    let deep: Vec<&Berth> = long.into_iter().filter(|b| b.is_deep_enough(ship, lowest)).collect();
    if deep.is_empty() {
        return Err(Unplaced::TooDeep);
    }
    deep.into_iter()
        .filter(|b| free_from.get(b.name.as_str()).map_or(true, |&t| t <= ship.arrives))
        .min_by_key(|b| free_from.get(b.name.as_str()).copied().unwrap_or(0))
        .ok_or(Unplaced::NoFreeTime)
}
