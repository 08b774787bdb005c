//! `echolot search`: verbatims by words and filters.

use std::io::{IsTerminal, Write};

use echolot_engine::{Config, Filter, Hit, SearchRequest, Segment};

use super::{open, print_json};
use crate::args::SearchArgs;
use crate::filters::polarities;
use crate::wire::SearchJson;
use crate::{Exit, table};

pub(super) fn search(args: &SearchArgs, config: &Config) -> anyhow::Result<Exit> {
    let snapshot = open(&args.data, config)?;
    let filter =
        Filter { polarities: polarities(args.polarity.as_deref())?, ..args.filter.filter()? };
    let request =
        SearchRequest { query: args.query.clone(), filter, limit: args.limit, offset: args.offset };
    let page = snapshot.search(&request)?;
    let SearchRequest { filter, query, .. } = request;
    let corrected = snapshot.corrected(&Segment { filter, query })?;
    if args.json {
        return print_json(&SearchJson::new(snapshot.generation(), corrected, page));
    }
    let mut out = std::io::stdout().lock();
    let bold = out.is_terminal();
    writeln!(out, "{} of {} verbatims", page.hits.len(), page.total)?;
    for hit in &page.hits {
        writeln!(out, "\n{}\n  {}", heading(hit), body(hit, bold))?;
    }
    write!(out, "{}", table::corrected(corrected))?;
    Ok(Exit::Done)
}

fn heading(hit: &Hit) -> String {
    let date = hit.created_at.map(|at| at.to_string()[..10].to_owned());
    let about = [hit.product.clone(), hit.release.clone()]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ");
    let parts = [
        Some(hit.id.to_string()),
        date,
        Some(about).filter(|about| !about.is_empty()),
        hit.channel.clone(),
        hit.rating.map(|rating| format!("rated {}", rating.value())),
        Some(hit.polarity.to_string()),
        hit.is_corrected.then(|| "corrected".to_owned()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn body(hit: &Hit, bold: bool) -> String {
    table::highlighted(&hit.text, &hit.highlights, bold).replace('\n', "\n  ")
}
