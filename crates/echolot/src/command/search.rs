//! `echolot search`: verbatims by words and filters.

use std::io::{IsTerminal, Write};

use echolot_core::FeedbackId;
use echolot_engine::{
    Config, Error, Hit, Like, QueryError, SearchAnswer, SearchMode, SearchQuestion, Segment,
};

use super::{OpenAnalyst, open, print_json, search_aids};
use crate::args::SearchArgs;
use crate::wire::SearchJson;
use crate::{Exit, table};

pub(super) fn search(
    args: &SearchArgs,
    config: &Config,
    open_analyst: OpenAnalyst,
) -> anyhow::Result<Exit> {
    let snapshot = open(&args.data, config)?;
    let Segment { filter, query } = args.filter.segment()?.saying(&args.query);
    let like_item = args.like.as_ref().map(|id| Like::Item(FeedbackId::new(id)));
    let question = SearchQuestion {
        query,
        mode: args.mode.parse()?,
        like: like_item.or_else(|| args.like_text.clone().map(Like::Text)),
        filter,
        min_similarity: args.min_similarity,
        limit: args.limit,
        offset: args.offset,
        cursor: args.cursor.clone(),
    };
    let aids = search_aids(config, question.needs_model(), open_analyst);
    let answer = snapshot.search(&question, &aids)?;
    let SearchQuestion { filter, query, .. } = question;
    let segment = Segment { filter, query };
    let corrected = snapshot.corrected(&segment)?;
    if args.json {
        return print_json(&SearchJson::new(answer, segment, corrected));
    }
    let mut out = std::io::stdout().lock();
    let bold = out.is_terminal();
    if let Some(notice) = &answer.notice {
        eprintln!("echolot: {notice}");
    }
    writeln!(out, "{}", counts(&answer))?;
    for hit in &answer.hits {
        writeln!(out, "\n{}\n  {}", heading(hit), body(hit, bold))?;
    }
    if let Some(next) = &answer.next {
        writeln!(out, "\nmore with --cursor {next}")?;
    }
    write!(out, "{}", table::corrected(corrected))?;
    Ok(Exit::Done)
}

/// `20 of 95 verbatims (40 by words, 71 by a similarity of at least 0.6)`.
fn counts(answer: &SearchAnswer) -> String {
    let words = answer.by_words.filter(|_| answer.mode == SearchMode::Hybrid);
    let by_words = words.map(|count| format!("{count} by words"));
    let by_meaning = answer.by_meaning.zip(answer.min_similarity);
    let by_meaning =
        by_meaning.map(|(count, floor)| format!("{count} by a similarity of at least {floor}"));
    let parts: Vec<String> = by_words.into_iter().chain(by_meaning).collect();
    let of = if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) };
    format!("{} of {} verbatims{of}", answer.hits.len(), answer.total)
}

/// The query and a caret below the place of its error.
pub(super) fn pointer(error: &anyhow::Error) -> Option<String> {
    let Error::Index(QueryError::Query { query, position, .. }) = error.downcast_ref()? else {
        return None;
    };
    // A line break or tab would put the caret elsewhere.
    let query: String = query.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    Some(format!("  {query}\n  {}^", " ".repeat(*position)))
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
