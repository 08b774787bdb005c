//! Progress bars for long work on a terminal.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use echolot_engine::{Progress, Step};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Shows the current step on the terminal, once it takes more than a second.
/// Prints nothing where standard error is not a terminal.
pub(crate) struct Bars {
    current: Mutex<Option<Current>>,
}

struct Current {
    bar: ProgressBar,
    began: Instant,
    is_shown: bool,
}

/// How long a step may take before it is worth a bar.
const PATIENCE: Duration = Duration::from_secs(1);

impl Bars {
    pub(crate) fn new() -> Self {
        Self { current: Mutex::new(None) }
    }

    fn with_current(&self, act: impl FnOnce(&mut Option<Current>)) {
        act(&mut self.current.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
    }
}

impl Progress for Bars {
    fn begin(&self, step: Step, total: Option<u64>) {
        let bar = total.map_or_else(ProgressBar::no_length, ProgressBar::new);
        bar.set_draw_target(ProgressDrawTarget::hidden());
        let template = match total {
            Some(_) => "{msg:>8} {bar:32} {human_pos}/{human_len} {per_sec:>12} {eta_precise}",
            None => "{msg:>8} {spinner} {human_pos} {per_sec}",
        };
        bar.set_style(
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        bar.set_message(step.name());
        self.with_current(|current| {
            if let Some(last) = current.take() {
                last.bar.finish_and_clear();
            }
            *current = Some(Current { bar, began: Instant::now(), is_shown: false });
        });
    }

    fn advance(&self, items: u64) {
        self.with_current(|current| {
            let Some(current) = current else { return };
            if !current.is_shown && current.began.elapsed() > PATIENCE {
                current.bar.set_draw_target(ProgressDrawTarget::stderr());
                current.is_shown = true;
            }
            current.bar.inc(items);
        });
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        self.with_current(|current| {
            if let Some(last) = current.take() {
                last.bar.finish_and_clear();
            }
        });
    }
}
