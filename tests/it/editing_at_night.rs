//! People edit while a run analyses: nobody waits, and nothing is lost.

use std::path::Path;
use std::sync::Mutex;

use echolot_core::{FeedbackId, Judgement, Polarity, ThemeId, Timestamp};
use echolot_engine::{
    Blame, Config, CorrectionRequest, EditReport, Error, Progress, Silent, Step, ThemeEdit,
    correct, edit_themes, run_in,
};
use echolot_tests::fake_analyst;

use crate::bed::TestBed;
use crate::scenario;

fn at(second: i64) -> Timestamp {
    Timestamp::from_seconds(1_750_000_000 + second).unwrap()
}

/// What a person does: names a theme, and says something of an item that the run
/// brings again with other words about it.
fn edit(data: &Path) -> Result<EditReport, Error> {
    let named = ThemeEdit::Rename { theme: ThemeId(2), name: "Lieferverzug".to_owned() };
    edit_themes(data, &named, ("anna", at(1)))?;
    let request = CorrectionRequest {
        targets: vec![(FeedbackId::new("n1"), None)],
        judgements: vec![Judgement::Polarity(Polarity::Neutral)],
        note: None,
    };
    correct(data, &request, ("anna", at(2)))
}

/// Edits when a step of the run begins.
struct Editor<'a> {
    data: &'a Path,
    step: Step,
    made: Mutex<Option<Result<EditReport, Error>>>,
}

impl Progress for Editor<'_> {
    fn begin(&self, step: Step, _total: Option<u64>) {
        if step == self.step {
            *self.made.lock().unwrap() = Some(edit(self.data));
        }
    }

    fn advance(&self, _items: u64) {}
}

/// The night after the scenario: new items, a changed one, and a row that is refused.
fn night(bed: &TestBed) -> String {
    let mut changed = scenario::reviews()[0].clone();
    changed["rating"] = serde_json::json!(3);
    let mut items = vec![changed, serde_json::json!({ "id": "torn", "text": "gut", "nps": 11 })];
    items.extend((0..20).map(|number| {
        serde_json::json!({ "id": format!("next{number}"), "text": format!("Die Lieferung kam zu spät, Paket {number}.") })
    }));
    bed.write_jsonl("next.jsonl", &items)
}

fn run(bed: &TestBed, progress: &dyn Progress) {
    let config = Config::standard().unwrap();
    let analyst = fake_analyst(&config).unwrap();
    let inputs = [bed.path(&night(bed))];
    run_in(&bed.data(), &inputs, (&config, &analyst), (progress, at(3))).unwrap();
}

fn everything(bed: &TestBed) -> [String; 4] {
    let exported = ["feedback", "opinions", "themes"].map(|what| bed.export_text(what));
    let rejected = fs_err::read_to_string(bed.data().join("rejected/run-4.jsonl")).unwrap();
    // The rows say which file they are from, and every bed has a place of its own.
    let rejected = rejected.replace(&bed.path("").display().to_string(), "");
    let [feedback, opinions, themes] = exported;
    [feedback, opinions, themes, rejected]
}

#[test]
fn an_edit_during_the_analysis_is_as_one_before_the_run() {
    let before = scenario::bed();
    edit(&before.data()).unwrap();
    run(&before, &Silent);

    for step in [Step::Read, Step::Analyse] {
        let meanwhile = scenario::bed();
        let data = meanwhile.data();
        let editor = Editor { data: &data, step, made: Mutex::default() };
        run(&meanwhile, &editor);
        let report = editor.made.into_inner().unwrap().unwrap().unwrap();
        assert_eq!(report.generation, 3, "the run comes after it");
        assert!(everything(&meanwhile) == everything(&before), "edited during {step}");
        assert_eq!(meanwhile.ask(&["corrections"])["corrections"][0]["id"], "n1");
    }
}

#[test]
fn an_edit_is_refused_while_a_run_stores_and_can_be_made_after_it() {
    let bed = scenario::bed();
    let data = bed.data();
    for step in [Step::Store, Step::Theme, Step::Publish] {
        let bed = scenario::bed();
        let data = bed.data();
        let editor = Editor { data: &data, step, made: Mutex::default() };
        run(&bed, &editor);
        let refused = editor.made.into_inner().unwrap().unwrap().unwrap_err();
        assert_eq!(refused.blame(), Blame::Busy, "{step}: {refused}");
    }
    run(&bed, &Silent);
    assert_eq!(edit(&data).unwrap().generation, 4);
}
