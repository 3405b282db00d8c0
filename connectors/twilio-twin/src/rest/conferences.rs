//! Conferences and who is in them.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use url::form_urlencoded;

use super::{Refusal, Reply, Request, calls, form::Form, recordings};
use crate::{
    conference::{Change, Guest, Telling, WaitDocument},
    core::{Detection, Direction, First, Method, Plan},
    shell::{Hall, Placing},
};

/// Names and values of a webhook.
type Parameters = Vec<(String, String)>;

/// How the id of an application begins where a number could stand.
const APPLICATION: &str = "app:";

/// How long it rings when nothing is said.
const RINGS: Duration = Duration::from_mins(1);

pub(super) fn list(request: &Request<'_>) -> Result<Reply, Refusal> {
    let form = &request.form;
    let fits = |name: &str, given: &Value| form.get(name).is_none_or(|wanted| given == wanted);
    let halls = request.office.registry.halls();
    let conferences: Vec<Value> = halls
        .iter()
        .rev()
        .map(|hall| resource(request, hall))
        .filter(|conference| {
            fits("Status", &conference["status"])
                && fits("FriendlyName", &conference["friendly_name"])
        })
        .collect();
    Ok(Reply::page(request, "conferences", &conferences))
}

pub(super) fn fetch(request: &Request<'_>, sid: &str) -> Result<Reply, Refusal> {
    let hall = find(request, sid)?;
    Ok(Reply::found(resource(request, &hall)))
}

pub(super) fn update(request: &Request<'_>, sid: &str) -> Result<Reply, Refusal> {
    let hall = find(request, sid)?;
    if request.form.get("Status") == Some("completed") {
        hall.end();
    }
    if let Some(url) = request.form.owned("AnnounceUrl") {
        request.office.announce(&hall, url);
    }
    Ok(Reply::found(resource(request, &hall)))
}

pub(super) fn participants(request: &Request<'_>, sid: &str) -> Result<Reply, Refusal> {
    let hall = find(request, sid)?;
    let form = &request.form;
    let (conference, guests) = hall.look(|conference| {
        let guests: Vec<Guest> = conference.members().cloned().collect();
        (conference.sid.clone(), guests)
    });
    let participants: Vec<Value> = guests
        .iter()
        .filter(|guest| {
            form.get("Muted")
                .is_none_or(|wanted| wanted == guest.muted.to_string())
        })
        .filter(|guest| {
            form.get("Hold")
                .is_none_or(|wanted| wanted == guest.hold.to_string())
        })
        .map(|guest| participant(request, &conference, guest, "connected"))
        .collect();
    Ok(Reply::page(request, "participants", &participants))
}

pub(super) fn add(request: &Request<'_>, name: &str) -> Result<Reply, Refusal> {
    let form = &request.form;
    let (from, to) = match form.get("To").filter(|to| to.starts_with(APPLICATION)) {
        Some(to) => (form.owned("From").unwrap_or_default(), to.to_owned()),
        None => calls::parties(request)?,
    };
    if name.starts_with("CF") && name.len() == 34 {
        find(request, name)?;
    }
    let guest = guest(form, name);
    let hall = request.office.hall(&guest);
    let (sid, is_taken) = hall.look(|conference| {
        let is_taken = guest
            .label
            .as_deref()
            .is_some_and(|label| conference.find(label).is_some());
        (conference.sid.clone(), is_taken)
    });
    if is_taken {
        return Err(Refusal::bad(
            16_025,
            "Participant label is already in use in this conference",
        ));
    }
    let guest = Guest {
        conference: sid.clone(),
        ..guest
    };
    let application = application(request, &to)?;
    let (first, stands_for, extra) = match application {
        Some((first, extra)) => (first, Some(guest.clone()), extra),
        None => (First::Meet(guest.clone()), None, Vec::new()),
    };
    let entry = request.office.place(Placing {
        from,
        to: to.split('?').next().unwrap_or(&to).to_owned(),
        stands_for,
        extra,
        direction: Direction::OutboundApi,
        parent: None,
        callback: calls::callback(form)?,
        plan: Plan {
            first,
            timeout: form.seconds("Timeout").unwrap_or(RINGS),
            detection: detection(form),
            digits: None,
            time_limit: form.seconds("TimeLimit"),
            meets: None,
        },
        record: form
            .flag("Record", false)
            .then(|| recordings::wish(form, "OutboundAPI")),
    });
    let guest = Guest {
        call_sid: entry.sid(),
        ..guest
    };
    Ok(Reply::created(participant(request, &sid, &guest, "queued")))
}

/// Returns what an application does, and what it is told, where somebody is to be one: `app:AP…?name=value`.
fn application(request: &Request<'_>, to: &str) -> Result<Option<(First, Parameters)>, Refusal> {
    let Some(application) = to.strip_prefix(APPLICATION) else {
        return Ok(None);
    };
    let (sid, query) = application.split_once('?').unwrap_or((application, ""));
    let known = &request.office.settings.applications;
    let Some(known) = known.iter().find(|one| one.sid == sid) else {
        return Err(Refusal::bad(21_218, "Invalid ApplicationSid"));
    };
    let first = First::Fetch {
        url: known.voice_url.clone(),
        method: Method::Post,
        fallback: None,
    };
    let told = form_urlencoded::parse(query.as_bytes()).into_owned();
    let told = told.chain([("ApplicationSid".to_owned(), sid.to_owned())]);
    Ok(Some((first, told.collect())))
}

pub(super) fn look_at(request: &Request<'_>, sid: &str, member: &str) -> Result<Reply, Refusal> {
    let (_, conference, guest) = member_of(request, sid, member)?;
    Ok(Reply::found(participant(
        request,
        &conference,
        &guest,
        "connected",
    )))
}

pub(super) fn change(request: &Request<'_>, sid: &str, member: &str) -> Result<Reply, Refusal> {
    let (hall, _, guest) = member_of(request, sid, member)?;
    let form = &request.form;
    let flag = |name: &str| form.get(name).map(|_| form.flag(name, false));
    let coaches = match (flag("Coaching"), form.owned("CallSidToCoach")) {
        (Some(false), _) => Some(None),
        (_, Some(call)) => Some(Some(call)),
        (_, None) => None,
    };
    let change = Change {
        muted: flag("Muted"),
        hold: flag("Hold"),
        end_on_exit: flag("EndConferenceOnExit"),
        coaches,
    };
    hall.change(&guest.call_sid, &change);
    look_at(request, sid, &guest.call_sid)
}

pub(super) fn remove(request: &Request<'_>, sid: &str, member: &str) -> Result<Reply, Refusal> {
    let (hall, _, guest) = member_of(request, sid, member)?;
    hall.leave(&guest.call_sid, true);
    Ok(Reply::gone())
}

fn find(request: &Request<'_>, sid: &str) -> Result<Arc<Hall>, Refusal> {
    let hall = request.office.registry.hall(sid);
    hall.ok_or_else(|| Refusal::unknown(request.address))
}

fn member_of(
    request: &Request<'_>,
    sid: &str,
    member: &str,
) -> Result<(Arc<Hall>, String, Guest), Refusal> {
    let hall = find(request, sid)?;
    let found =
        hall.look(|conference| Some((conference.sid.clone(), conference.find(member)?.clone())));
    let (conference, guest) = found.ok_or_else(|| Refusal::unknown(request.address))?;
    Ok((hall, conference, guest))
}

fn guest(form: &Form, name: &str) -> Guest {
    let standard = Guest::new(name, "");
    let telling = form.owned("ConferenceStatusCallback").map(|url| Telling {
        url,
        method: form.method("ConferenceStatusCallbackMethod"),
        events: form.all("ConferenceStatusCallbackEvent"),
    });
    Guest {
        label: form.owned("Label"),
        muted: form.flag("Muted", false),
        start_on_enter: form.flag("StartConferenceOnEnter", true),
        end_on_exit: form.flag("EndConferenceOnExit", false),
        coaches: form
            .owned("CallSidToCoach")
            .filter(|_| form.flag("Coaching", false)),
        most: form
            .number("MaxParticipants")
            .map_or(standard.most, |most| most as usize),
        telling,
        wait: form.owned("WaitUrl").map(|url| WaitDocument {
            url,
            method: form.method("WaitMethod"),
        }),
        ..standard
    }
}

/// A participant does not wait for the verdict: it is told.
fn detection(form: &Form) -> Option<Detection> {
    let callback = form
        .owned("AmdStatusCallback")
        .map(|url| (url, form.method("AmdStatusCallbackMethod")));
    calls::detection(form).map(|detection| Detection {
        is_async: true,
        callback,
        ..detection
    })
}

fn resource(request: &Request<'_>, hall: &Hall) -> Value {
    let account = &request.office.settings.account_sid;
    let date = request.office.date(hall.created);
    hall.look(|conference| {
        let uri = format!(
            "/2010-04-01/Accounts/{account}/Conferences/{}",
            conference.sid
        );
        let ended = conference.ended.as_ref();
        json!({
            "account_sid": account,
            "sid": conference.sid,
            "friendly_name": conference.name,
            "status": conference.state.word(),
            "region": "us1",
            "api_version": "2010-04-01",
            "date_created": date,
            "date_updated": date,
            "reason_conference_ended": ended.map(|(reason, _)| reason),
            "call_sid_ending_conference": ended.and_then(|(_, call)| call.clone()),
            "uri": format!("{uri}.json"),
            "subresource_uris": {
                "participants": format!("{uri}/Participants.json"),
                "recordings": format!("{uri}/Recordings.json"),
            },
        })
    })
}

fn participant(request: &Request<'_>, conference: &str, guest: &Guest, status: &str) -> Value {
    let account = &request.office.settings.account_sid;
    let call = &guest.call_sid;
    let date = request.office.date(time::OffsetDateTime::now_utc());
    let uri =
        format!("/2010-04-01/Accounts/{account}/Conferences/{conference}/Participants/{call}.json");
    json!({
        "account_sid": account,
        "call_sid": call,
        "conference_sid": conference,
        "label": guest.label,
        "muted": guest.muted,
        "hold": guest.hold,
        "coaching": guest.coaches.is_some(),
        "call_sid_to_coach": guest.coaches,
        "start_conference_on_enter": guest.start_on_enter,
        "end_conference_on_exit": guest.end_on_exit,
        "status": status,
        "queue_time": "0",
        "date_created": date,
        "date_updated": date,
        "uri": uri,
    })
}
