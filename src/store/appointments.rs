//! Appointments: when contacts are met, and by whom. Nobody is met by two at a time.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};
use tokio::time::{Instant, sleep};

use super::engine::{PATIENCE, PAUSE, passes};
use super::{Moment, Store, StoreError, settings};
use crate::dial::{Keeping, Number};

/// Appointments that are returned at once.
const MOST: i64 = 500;

/// Appointments that one conversation may make: nobody fills a diary by talking.
const MOST_OF_SESSION: i64 = 3;

/// An appointment to be kept.
#[derive(Debug, Clone)]
pub struct NewAppointment {
    /// Its id.
    pub id: String,
    /// Whom somebody meets: a contact, by id.
    pub contact: String,
    /// When it begins.
    pub start: Moment,
    /// When it ends.
    pub end: Moment,
    /// The conversation that it was made in.
    pub session: Option<String>,
    /// What whoever comes is called.
    pub name: Option<String>,
    /// How they are reached.
    pub number: Option<Number>,
    /// Why they come.
    pub reason: Option<String>,
}

/// An appointment as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppointmentRecord {
    /// Its id.
    pub id: String,
    /// Whom somebody meets: a contact, by id.
    pub contact: String,
    /// When it begins.
    pub start: Moment,
    /// When it ends.
    pub end: Moment,
    /// The conversation that it was made in.
    pub session: Option<String>,
    /// What whoever comes is called.
    pub name: Option<String>,
    /// How they are reached, as much as is kept.
    pub number: Option<String>,
    /// Why they come.
    pub reason: Option<String>,
    /// When it was made.
    pub created_at: Moment,
}

/// What a booking came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Booked {
    /// It is kept.
    Done,
    /// The contact meets somebody else then.
    Taken,
    /// The conversation has made enough.
    TooMany,
}

const COLUMNS: &str = "SELECT id, contact, starts_at, ends_at, session_id, name, number, reason, created_at \
     FROM appointments WHERE ";

impl Store {
    /// Keeps an appointment, unless the contact meets somebody else then. One booking is looked at after the other, on
    /// whichever node. Waits a while for a database that is locked.
    ///
    /// # Errors
    ///
    /// The database does not answer: nothing is booked.
    pub async fn book_appointment(&self, new: &NewAppointment) -> Result<Booked, StoreError> {
        let until = Instant::now() + PATIENCE;
        loop {
            match self.try_book(new).await {
                Err(failure) if passes(&failure) && Instant::now() < until => sleep(PAUSE).await,
                Err(sqlx::Error::Database(inner)) if inner.is_unique_violation() => {
                    return Ok(Booked::Taken);
                }
                done => return Ok(done?),
            }
        }
    }

    async fn try_book(&self, new: &NewAppointment) -> Result<Booked, sqlx::Error> {
        let mut connection = self.readers().acquire().await?;
        let mut transaction = self.engine().begin(&mut connection).await?;
        settings::hold(&mut transaction, "appointments").await?;
        if is_taken(&mut transaction, new).await? {
            return Ok(Booked::Taken);
        }
        if has_enough(&mut transaction, new).await? {
            return Ok(Booked::TooMany);
        }
        let keeping = self.keeping();
        let number = new.number.as_ref().filter(|_| keeping != Keeping::None);
        sqlx::query(
            "INSERT INTO appointments (id, contact, starts_at, ends_at, session_id, name, reason, number, \
             number_digest, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        )
        .bind(&new.id)
        .bind(&new.contact)
        .bind(new.start.0)
        .bind(new.end.0)
        .bind(new.session.as_deref())
        .bind(new.name.as_deref())
        .bind(new.reason.as_deref())
        .bind(number.and_then(|number| number.kept(keeping)))
        .bind(number.map(|number| number.digest(self.salt())))
        .bind(Moment::now().0)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(Booked::Done)
    }

    /// When is a contact taken within this time: from when until when?
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn taken(
        &self,
        contact: &str,
        (from, until): (Moment, Moment),
    ) -> Result<Vec<(Moment, Moment)>, StoreError> {
        let rows = sqlx::query(
            "SELECT starts_at, ends_at FROM appointments WHERE contact = $1 AND starts_at < $2 AND ends_at > $3",
        )
        .bind(contact)
        .bind(until.0)
        .bind(from.0)
        .fetch_all(self.readers())
        .await?;
        let read = |row: &AnyRow| Ok((Moment(row.try_get(0)?), Moment(row.try_get(1)?)));
        Ok(rows.iter().map(read).collect::<Result<_, sqlx::Error>>()?)
    }

    /// Which appointments end after this, the next one first?
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn appointments(&self, after: Moment) -> Result<Vec<AppointmentRecord>, StoreError> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
            "{COLUMNS}ends_at > $1 ORDER BY starts_at, id LIMIT $2"
        )))
        .bind(after.0)
        .bind(MOST)
        .fetch_all(self.readers())
        .await?;
        Ok(rows.iter().map(read).collect::<Result<_, _>>()?)
    }

    /// What is known of this appointment?
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn appointment(&self, id: &str) -> Result<Option<AppointmentRecord>, StoreError> {
        let row = sqlx::query(sqlx::AssertSqlSafe(format!("{COLUMNS}id = $1")))
            .bind(id)
            .fetch_optional(self.readers())
            .await?;
        Ok(row.map(|row| read(&row)).transpose()?)
    }

    /// Takes an appointment back; answers whether there was one.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn cancel_appointment(&self, id: &str) -> Result<bool, StoreError> {
        let done = sqlx::query("DELETE FROM appointments WHERE id = $1")
            .bind(id)
            .execute(self.readers())
            .await?;
        Ok(done.rows_affected() > 0)
    }
}

/// Forgets who it was that comes; the time stays taken.
pub(super) async fn erase_number(
    from: &mut AnyConnection,
    digest: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE appointments SET name = NULL, reason = NULL, number = NULL, number_digest = NULL \
         WHERE number_digest = $1",
    )
    .bind(digest)
    .execute(from)
    .await
    .map(drop)
}

/// Deletes those that ended before.
pub(super) async fn delete_old(from: &mut AnyConnection, before: i64) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM appointments WHERE ends_at < $1")
        .bind(before)
        .execute(from)
        .await
        .map(drop)
}

async fn is_taken(to: &mut AnyConnection, new: &NewAppointment) -> Result<bool, sqlx::Error> {
    let row = sqlx::query(
        "SELECT id FROM appointments WHERE contact = $1 AND starts_at < $2 AND ends_at > $3 LIMIT 1",
    )
    .bind(&new.contact)
    .bind(new.end.0)
    .bind(new.start.0)
    .fetch_optional(to)
    .await?;
    Ok(row.is_some())
}

async fn has_enough(to: &mut AnyConnection, new: &NewAppointment) -> Result<bool, sqlx::Error> {
    let Some(session) = &new.session else {
        return Ok(false);
    };
    let row =
        sqlx::query("SELECT COUNT(*) FROM appointments WHERE session_id = $1 AND ends_at > $2")
            .bind(session)
            .bind(Moment::now().0)
            .fetch_one(to)
            .await?;
    Ok(row.try_get::<i64, _>(0)? >= MOST_OF_SESSION)
}

fn read(row: &AnyRow) -> Result<AppointmentRecord, sqlx::Error> {
    Ok(AppointmentRecord {
        id: row.try_get("id")?,
        contact: row.try_get("contact")?,
        start: Moment(row.try_get("starts_at")?),
        end: Moment(row.try_get("ends_at")?),
        session: row.try_get("session_id")?,
        name: row.try_get("name")?,
        number: row.try_get("number")?,
        reason: row.try_get("reason")?,
        created_at: Moment(row.try_get("created_at")?),
    })
}
