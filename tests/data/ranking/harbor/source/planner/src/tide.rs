/// Water levels at known times, sorted by time.
pub struct TideTable {
    levels: Vec<(u64, f64)>,
}

impl TideTable {
    pub fn new(mut levels: Vec<(u64, f64)>) -> Self {
        levels.sort_by_key(|&(time, _)| time);
        TideTable { levels }
    }

    /// Straight line between the two levels around a time.
    pub fn level_at(&self, time: u64) -> f64 {
        match self.levels.binary_search_by_key(&time, |&(t, _)| t) {
            Ok(index) => self.levels[index].1,
            Err(0) => self.levels.first().map_or(0.0, |&(_, level)| level),
            Err(index) if index == self.levels.len() => self.levels[index - 1].1,
            Err(index) => {
                let (before, low) = self.levels[index - 1];
                let (after, high) = self.levels[index];
                low + (high - low) * (time - before) as f64 / (after - before) as f64
            }
        }
    }

    /// The lowest water between two times.
    pub fn lowest_between(&self, from: u64, to: u64) -> f64 {
        let inside = self.levels.iter().filter(|&&(t, _)| t > from && t < to);
        inside
            .map(|&(_, level)| level)
            .fold(self.level_at(from).min(self.level_at(to)), f64::min)
    }
}
