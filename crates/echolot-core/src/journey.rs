//! Where on the customer's journey an opinion belongs when its item does not say so.

use crate::{JourneyStage, Topic};

/// The journey stage and the touchpoint of each topic. A topic may have
/// neither: an overall judgement belongs nowhere in particular.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Journey {
    stages: [Option<JourneyStage>; Topic::ALL.len()],
    touchpoints: [Option<String>; Topic::ALL.len()],
}

impl Journey {
    /// Puts a topic to a stage, or to none.
    pub fn set_stage(&mut self, topic: Topic, stage: Option<JourneyStage>) {
        self.stages[topic as usize] = stage;
    }

    /// Puts a topic to a touchpoint, or to none.
    pub fn set_touchpoint(&mut self, topic: Topic, touchpoint: Option<String>) {
        self.touchpoints[topic as usize] = touchpoint;
    }

    /// The stage of a topic.
    pub fn stage(&self, topic: Topic) -> Option<JourneyStage> {
        self.stages[topic as usize]
    }

    /// The touchpoint of a topic.
    pub fn touchpoint(&self, topic: Topic) -> Option<&str> {
        self.touchpoints[topic as usize].as_deref()
    }
}
