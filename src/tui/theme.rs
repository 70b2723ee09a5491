//! PURE. What a piece of the screen means, and how each meaning looks.
//!
//! Views say roles, never colours. Meaning is carried by signs and words; colour only repeats it, so a theme without
//! colour loses nothing. Only the 16 colours of the terminal are used: they follow its own light or dark palette.

use ratatui::style::{Color, Modifier, Style};

/// What a piece of text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Plain text.
    Text,
    /// Text of less weight.
    Dim,
    /// The program's name and the titles of panels.
    Title,
    /// Frames around panels.
    Border,
    /// The frame of the panel that has the keys.
    Focus,
    /// Column headings.
    Heading,
    /// Where we are: profile, account, region.
    Place,
    /// READ-ONLY.
    Badge,
    /// The row under the cursor.
    Cursor,
    /// The row under the cursor while another panel has the keys.
    Resting,
    /// A marked row's sign.
    Marked,
    /// `!!`
    Critical,
    /// `!`
    Warning,
    /// `~`
    Drift,
    /// `?`
    Unknown,
    /// Nothing is wrong.
    Good,
    /// A key in a hint.
    Key,
    /// What a key does.
    Hint,
    /// Something failed.
    Error,
    /// A member that is not there, shown because something is said about it.
    Ghost,
    /// The text that explains a mark.
    Note,
    /// The label of a field.
    Label,
    /// A string of a text.
    String,
    /// A number or a constant of a text.
    Number,
    /// A keyword or block type of a text.
    Keyword,
    /// A comment of a text.
    Comment,
    /// Brackets and commas of a text.
    Punctuation,
}

/// All roles, in order.
pub const ROLES: [Role; 27] = [
    Role::Text,
    Role::Dim,
    Role::Title,
    Role::Border,
    Role::Focus,
    Role::Heading,
    Role::Place,
    Role::Badge,
    Role::Cursor,
    Role::Resting,
    Role::Marked,
    Role::Critical,
    Role::Warning,
    Role::Drift,
    Role::Unknown,
    Role::Good,
    Role::Key,
    Role::Hint,
    Role::Error,
    Role::Ghost,
    Role::Note,
    Role::Label,
    Role::String,
    Role::Number,
    Role::Keyword,
    Role::Comment,
    Role::Punctuation,
];

impl Role {
    /// The role of a sign.
    pub fn of_sign(sign: &str) -> Self {
        match sign {
            "!!" => Self::Critical,
            "!" => Self::Warning,
            "~" => Self::Drift,
            "?" => Self::Unknown,
            "=" => Self::Good,
            _ => Self::Text,
        }
    }
}

/// How roles look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    /// The 16 colours of the terminal.
    Sixteen,
    /// Bold, dim, underlined and reversed only.
    Plain,
    /// Each role as the indexed colour of its number, so that a test can read roles from a frame.
    Roles,
}

impl Theme {
    /// How a role looks.
    pub fn style(self, role: Role) -> Style {
        match self {
            Self::Sixteen => sixteen(role),
            Self::Plain => Style { fg: None, bg: None, ..sixteen(role) },
            Self::Roles => Style::new().fg(Color::Indexed(role as u8)),
        }
    }
}

fn sixteen(role: Role) -> Style {
    let style = Style::new();
    match role {
        Role::Text | Role::Note => style,
        Role::Dim | Role::Punctuation | Role::Comment | Role::Hint => style.add_modifier(Modifier::DIM),
        Role::Border => style.fg(Color::DarkGray),
        Role::Title => style.add_modifier(Modifier::BOLD),
        Role::Focus => style.fg(Color::Cyan),
        Role::Heading => style.add_modifier(Modifier::BOLD).add_modifier(Modifier::DIM),
        Role::Place | Role::Label => style.fg(Color::Cyan),
        Role::Badge => style.fg(Color::Green).add_modifier(Modifier::BOLD),
        Role::Cursor => style.fg(Color::Cyan).add_modifier(Modifier::REVERSED),
        Role::Resting => style.add_modifier(Modifier::REVERSED).add_modifier(Modifier::DIM),
        Role::Marked => style.fg(Color::Magenta).add_modifier(Modifier::BOLD),
        Role::Critical | Role::Error => style.fg(Color::Red).add_modifier(Modifier::BOLD),
        Role::Warning => style.fg(Color::Yellow),
        Role::Drift => style.fg(Color::Magenta),
        Role::Unknown | Role::Keyword => style.fg(Color::Blue),
        Role::Good | Role::String => style.fg(Color::Green),
        Role::Key => style.fg(Color::Cyan).add_modifier(Modifier::BOLD),
        Role::Ghost => style.fg(Color::Yellow).add_modifier(Modifier::ITALIC),
        Role::Number => style.fg(Color::Yellow),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_theme_without_colour_has_none() {
        for role in ROLES {
            let style = Theme::Plain.style(role);
            assert_eq!((style.fg, style.bg), (None, None), "{role:?}");
        }
    }

    #[test]
    fn roles_are_numbered_in_order() {
        for (at, role) in ROLES.iter().enumerate() {
            assert_eq!(*role as usize, at);
        }
    }
}
