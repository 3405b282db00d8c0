//! Nobody can be had: what the caller is offered instead, by the real program whose receptionist follows the demo's script.

use agent_providers_offline::Script;
use connectors_twilio_twin::Persona;
use futures_util::FutureExt;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use crate::caller::Caller;
use crate::house::House;
use crate::running::{API_KEY, soon, until};

const THOMAS: &str = "+15005550020";
const VISITOR: &str = "+15005550021";

const ALL_TOOLS: &str = r#""request_callback", "check_availability", "book_appointment""#;

#[tokio::test(flavor = "multi_thread")]
async fn who_says_yes_is_called_back_at_the_number_that_was_read_back() {
    let (house, ann) = thomas_is_busy(r#""request_callback""#).await;

    ann.reads("They will read that you called. Would you like us to call you back later?")
        .await;
    ann.types("Yes please").await;
    ann.reads("What is your telephone number?").await;
    ann.types(VISITOR).await;
    ann.reads("I have plus 1 5 0 0 5 5 5 0 0 2 1, is that right?")
        .await;
    let before = callbacks(&house).await;
    ann.types("Yes").await;
    ann.reads("We will call you back on").await;
    let after = callbacks(&house).await;

    assert_eq!(before["meta"]["total"], 0, "{before}");
    assert_eq!(after["meta"]["total"], 1, "{after}");
    assert_eq!(after["callbacks"][0]["state"], "waiting", "{after}");
    house.livekit.finish().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_prefers_an_appointment_chooses_from_the_free_times() {
    let (house, ann) = thomas_is_busy(ALL_TOOLS).await;

    ann.reads("We can call you back later, or make an appointment. Which would you prefer?")
        .await;
    ann.types("An appointment").await;
    ann.reads("The next free times are").await;
    ann.types("The second one").await;
    ann.reads("And your name, please?").await;
    ann.types("Ann").await;
    ann.reads("with Thomas. See you then!").await;

    let shown = house.look("/appointments").await;
    assert_eq!(shown["meta"]["total"], 1, "{shown}");
    assert_eq!(shown["appointments"][0]["name"], "Ann");
    house.livekit.finish().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_a_message_is_read_by_the_contact() {
    let (house, ann) = thomas_is_busy(r#""leave_message""#).await;

    ann.reads("Would you like to leave a message?").await;
    let notice = soon(house.place.twin.next_message()).await.unwrap();
    ann.types("Yes please").await;
    ann.reads("And your name, please?").await;
    ann.types("Ann").await;
    ann.reads("What is your telephone number?").await;
    ann.types(VISITOR).await;
    ann.reads("We call Ann back on plus 1 5 0 0 5 5 5 0 0 2 1, is that right?")
        .await;
    ann.types("Yes").await;
    ann.reads("Thank you, Thomas will read it.").await;
    let message = soon(house.place.twin.next_message()).await.unwrap();

    assert!(notice.body.contains("could not be reached"), "{notice:?}");
    assert_eq!(message.to, THOMAS);
    assert_eq!(
        message.body,
        format!("Thomas, Ann has left a message: Please call me back on {VISITOR}.")
    );
    house.livekit.finish().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn at_an_hour_when_nobody_may_be_called_it_says_so_and_the_contact_reads_of_it() {
    let hours = format!("hours = [\"{} 09:00-10:00\"]", another_day());
    let house = house("", &hours).await;
    let ann = enters(&house).await;

    ann.types("Can I speak to a human?").await;
    ann.reads(
        "I am sorry, nobody can be reached at this hour. They will read that you called. What else can I do for you?",
    )
    .await;
    let message = soon(house.place.twin.next_message()).await.unwrap();

    assert_eq!(message.to, THOMAS);
    assert!(message.body.contains("could not be reached"), "{message:?}");
    let called = house.place.twin.next_call().now_or_never();
    assert!(called.is_none(), "{called:?}");
    house.livekit.finish().await.unwrap();
}

/// A caller who wants Thomas, in a house whose receptionist may use these tools besides.
async fn thomas_is_busy(tools: &str) -> (House, Caller) {
    let house = house(tools, "").await;
    house.place.twin.phone(THOMAS, Persona::Busy);
    let ann = enters(&house).await;
    ann.types("Can I speak to a human?").await;
    (house, ann)
}

/// A house whose receptionist may use these tools besides, and Thomas, of whom there is more to say.
async fn house(tools: &str, of_thomas: &str) -> House {
    let of_the_receptionist = "[profiles.desk.receptionist";
    // Its tables become tables of the profile.
    let script = Script::DEMO
        .lines()
        .map(|line| match line.strip_prefix("[[") {
            Some(table) => format!("[{of_the_receptionist}.{table}\n"),
            None => match line.strip_prefix('[') {
                Some(table) => format!("{of_the_receptionist}.{table}\n"),
                None => format!("{line}\n"),
            },
        });
    let script: String = script.collect();
    House::open(&format!(
        r#"
[dialling]
open_prefixes = ["+1500555"]

[contacts.thomas]
name = "Thomas"
phones = ["{THOMAS}"]
{of_thomas}

[profiles.desk]
greeting = "Good day."
tools = ["transfer_to_human", {tools}]

[profiles.desk.turn]
idle_prompt_after_ms = 0

{of_the_receptionist}]
{script}"#
    ))
    .await
}

/// Somebody comes by the website, and is greeted.
async fn enters(house: &House) -> Caller {
    let create = house.request(reqwest::Method::POST, "/room/create");
    let body = json!({ "roomName": "web", "hostIdentity": "ann" });
    let created = soon(create.bearer_auth(API_KEY).json(&body).send())
        .await
        .unwrap();
    let created: Value = soon(created.json()).await.unwrap();
    let caller = Caller::join(&created).await;
    caller.reads("Good day.").await;
    until(async || house.look("/room/web").await["status"] == "active").await;
    caller
}

async fn callbacks(house: &House) -> Value {
    house.look("/callbacks").await
}

/// A day of the week that is neither today nor beside it.
fn another_day() -> &'static str {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let today = Timestamp::now().to_zoned(TimeZone::UTC).weekday();
    let today = usize::try_from(today.to_monday_zero_offset()).unwrap();
    DAYS[(today + 3) % 7]
}
