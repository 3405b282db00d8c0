//! Lines: what a phone line adds to a call, such as who called whom. Told apart from the call's own states, since both
//! come when they come.

use sqlx::AnyConnection;

use super::{Entry, Store};
use crate::dial::{CallSid, Keeping, Number, Salt};

/// Who called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// They called us.
    Inbound,
    /// We called them.
    Outbound,
}

impl Direction {
    /// Returns the direction as it stands in records and answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Inbound => "inbound",
            Self::Outbound => "outbound",
        }
    }
}

/// What became known of a line. The first news of a kind stand; repeated ones change nothing.
#[derive(Debug, Clone)]
pub enum LineNews {
    /// It is there.
    Began {
        /// Who called.
        direction: Direction,
        /// Whose number it comes from, if it is told.
        from: Option<Number>,
        /// Which number it goes to.
        to: Option<Number>,
        /// What the carrier calls it.
        call: CallSid,
    },
    /// Who or what picked up, in the carrier's words: `human`, `machine_start`, …
    AnsweredBy(String),
    /// It is down.
    Over {
        /// Why, in the carrier's words: `completed`, `busy`, `21211`, …
        reason: String,
        /// How long it was up, as the carrier counts.
        seconds: Option<u32>,
    },
}

/// News of a line, reduced to what may be kept.
#[derive(Debug, Clone)]
pub struct KeptNews(Kept);

#[derive(Debug, Clone)]
enum Kept {
    Began {
        direction: Direction,
        from: KeptNumber,
        to: KeptNumber,
        call: CallSid,
    },
    AnsweredBy(String),
    Over {
        reason: String,
        seconds: Option<u32>,
    },
}

#[derive(Debug, Clone, Default)]
struct KeptNumber {
    shown: Option<String>,
    digest: Option<String>,
}

impl Store {
    /// Keeps what became known of the line of a session.
    pub fn tell_line(&self, session: &str, news: LineNews) {
        self.records().push(Entry::Line {
            session: session.to_owned(),
            news: KeptNews::of(news, self.keeping(), self.salt()),
        });
    }
}

impl KeptNews {
    fn of(news: LineNews, keeping: Keeping, salt: &Salt) -> Self {
        let number = |number: Option<Number>| {
            let number = number.filter(|_| keeping != Keeping::None);
            KeptNumber {
                shown: number.as_ref().and_then(|number| number.kept(keeping)),
                digest: number.map(|number| number.digest(salt)),
            }
        };
        Self(match news {
            LineNews::Began {
                direction,
                from,
                to,
                call,
            } => Kept::Began {
                direction,
                from: number(from),
                to: number(to),
                call,
            },
            LineNews::AnsweredBy(who) => Kept::AnsweredBy(who),
            LineNews::Over { reason, seconds } => Kept::Over { reason, seconds },
        })
    }
}

const BEGAN: &str = "UPDATE calls SET direction = $2, from_number = $3, from_digest = $4, to_number = $5, \
     to_digest = $6, call_sid = $7 WHERE direction IS NULL AND id = ";

const ANSWERED: &str = "UPDATE calls SET answered_by = $2 WHERE answered_by IS NULL AND id = ";

const OVER: &str =
    "UPDATE calls SET line_reason = $2, line_seconds = $3 WHERE line_reason IS NULL AND id = ";

/// The session's latest call: rooms are used again, and their sessions' ids with them.
const LATEST: &str =
    "(SELECT id FROM calls WHERE session_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1)";

pub(super) async fn keep(
    to: &mut AnyConnection,
    session: &str,
    news: &KeptNews,
) -> Result<(), sqlx::Error> {
    let statement = match &news.0 {
        Kept::Began { .. } => BEGAN,
        Kept::AnsweredBy(_) => ANSWERED,
        Kept::Over { .. } => OVER,
    };
    let query = sqlx::query(sqlx::AssertSqlSafe(format!("{statement}{LATEST}"))).bind(session);
    let query = match &news.0 {
        Kept::Began {
            direction,
            from,
            to,
            call,
        } => query
            .bind(direction.name())
            .bind(from.shown.as_deref())
            .bind(from.digest.as_deref())
            .bind(to.shown.as_deref())
            .bind(to.digest.as_deref())
            .bind(call.as_str()),
        Kept::AnsweredBy(who) => query.bind(who),
        Kept::Over { reason, seconds } => query.bind(reason).bind(seconds.map(i64::from)),
    };
    query.execute(to).await.map(drop)
}
