//! PURE. The first line: who, where, and that nothing is ever written.

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::estate::{Arn, visible};

use super::super::model::{Model, RowId, Session};
use super::super::place::Place;
use super::super::theme::Role;
use super::{width, write};

const BADGE: &str = "READ-ONLY ";

/// ` ecsight  prod-ro  123456789012  eu-west-1   prod > payments > payments      role/me  READ-ONLY`
pub fn render(frame: &mut Frame, area: Rect, model: &Model) {
    let theme = model.settings.theme;
    let mut left =
        vec![(" ecsight ".to_owned(), Role::Title), (format!(" {} ", visible(&model.settings.profile)), Role::Place)];
    let mut caller = String::new();
    match &model.session {
        Session::Connected(who) => {
            left.push((format!(" {} ", visible(&who.scope.account)), Role::Text));
            left.push((format!(" {} ", visible(&who.scope.region)), Role::Place));
            caller = short(&who.arn);
        }
        Session::Connecting => left.push((" connecting ..".to_owned(), Role::Dim)),
        Session::Failed(_) => left.push((" not connected".to_owned(), Role::Error)),
    }
    let mut crumbs: Vec<String> = model.levels.iter().flat_map(|level| level.place.crumbs()).collect();
    if let (Some(last), Some(Place::Family { .. }), Some(RowId::Resource(id))) =
        (crumbs.last_mut(), model.level().map(|level| &level.place), model.row())
    {
        *last = visible(id.name());
    }
    if model.plan.is_some() {
        crumbs.push("export plan".to_owned());
    }
    if !crumbs.is_empty() {
        left.push((format!("  {}", crumbs.join(" > ")), Role::Title));
    }
    let used: usize = left.iter().map(|(text, _)| width(text)).sum();
    let room = usize::from(area.width);
    let badge = width(BADGE);
    let fits = used + width(&caller) + 4 + badge <= room;
    let right = if fits && !caller.is_empty() { format!(" {caller}  ") } else { " ".to_owned() };
    let right_width = (width(&right) + badge).min(room) as u16;
    let left_area = Rect { width: area.width - right_width, ..area };
    write(frame.buffer_mut(), left_area, theme, &left);
    let right_area = Rect { x: left_area.right(), width: right_width, ..area };
    write(frame.buffer_mut(), right_area, theme, &[(right.as_str(), Role::Dim), (BADGE, Role::Badge)]);
}

/// `ReadOnly/me` of `arn:aws:sts::123456789012:assumed-role/ReadOnly/me`.
fn short(arn: &str) -> String {
    let resource = Arn::parse(arn).map_or(arn, |arn| arn.resource);
    visible(resource.strip_prefix("assumed-role/").unwrap_or(resource))
}
