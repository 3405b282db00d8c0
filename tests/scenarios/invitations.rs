//! Contacts who come by a link: what they read, and how they get in.

use patchbay::invitation::{Briefing, Invitation, Invited, Response};
use room_contract::RoomName;
use serde_json::json;

use crate::world::{PUBLIC, World};

#[tokio::test(start_paused = true)]
async fn a_contact_reads_the_briefing_and_comes_into_the_one_room_once() {
    let world = World::new().await;
    world.create(&json!({ "roomName": "shop" })).await;
    let mut invited = world.invitations.issue(thomas());
    let link = path(&invited);

    let page = world.get(&link).await.expecting(200);
    let read = world
        .get(&format!("{link}/invitation"))
        .await
        .expecting(200);
    let nothing = json!({});
    let (accepted, identity) = tokio::join!(world.post(&link, &nothing), async {
        assert!(matches!(invited.response().await, Response::Opened));
        let Response::Accepted(contact) = invited.response().await else {
            panic!("the contact has accepted");
        };
        let identity = contact.identity().clone();
        assert!(contact.welcome());
        identity
    });

    assert!(page.text.contains("{\"contact\":true}"), "{}", page.text);
    assert!(
        !page.text.contains("invoice"),
        "the page itself tells nothing"
    );
    assert_eq!(
        read.json(),
        json!({ "contact": "Thomas", "briefing": {
            "caller": "Ann", "reason": "an invoice", "summary": null } })
    );
    let accepted = accepted.expecting(200).json();
    assert_eq!(accepted["roomName"], "shop");
    assert_eq!(accepted["briefing"]["caller"], "Ann");
    let joined = world.enter(accepted["token"].as_str().unwrap()).await;
    assert_eq!(joined.room.identity(), identity);
    let room = RoomName::new("shop").unwrap();
    let people = room_contract::Rooms::participants(&world.rooms, &room).await;
    let contact = people.unwrap().pop().unwrap();
    assert_eq!(contact.name, "Thomas");
    assert_eq!(contact.attributes["patchbay.role"], "contact");
    assert_eq!(contact.attributes["channel"], "web");

    let again = world.post(&link, &json!({})).await.expecting(404);
    assert_eq!(again.code(), "invitation_not_found");
}

#[tokio::test(start_paused = true)]
async fn a_contact_who_declines_cannot_come_any_more() {
    let world = World::new().await;
    world.create(&json!({ "roomName": "shop" })).await;
    let mut invited = world.invitations.issue(thomas());
    let link = path(&invited);

    let decline = format!("{link}/decline");
    world.post(&decline, &json!({})).await.expecting(204);

    assert!(matches!(invited.response().await, Response::Declined));
    world.post(&link, &json!({})).await.expecting(404);
    world.post(&decline, &json!({})).await.expecting(404);
}

#[tokio::test(start_paused = true)]
async fn a_contact_who_is_too_late_is_told_so() {
    let world = World::new().await;
    world.create(&json!({ "roomName": "shop" })).await;
    let mut invited = world.invitations.issue(thomas());
    let link = path(&invited);

    let nothing = json!({});
    let (accepted, ()) = tokio::join!(world.post(&link, &nothing), async {
        drop(invited.response().await);
    });

    assert_eq!(accepted.expecting(410).code(), "too_late");
}

#[tokio::test(start_paused = true)]
async fn links_that_nobody_sent_show_a_page_and_open_nothing() {
    let world = World::new().await;

    for ticket in ["x", "0123456789abcdef0123456789abcdef", "%00"] {
        let link = format!("/join/{ticket}");
        world.get(&link).await.expecting(200);
        let read = format!("{link}/invitation");
        world.get(&read).await.expecting(404);
        world.post(&link, &json!({})).await.expecting(404);
    }
}

fn thomas() -> Invitation {
    Invitation {
        room: RoomName::new("shop").unwrap(),
        contact: "Thomas".to_owned(),
        briefing: Briefing {
            caller: Some("Ann".to_owned()),
            reason: Some("an invoice".to_owned()),
            summary: None,
        },
    }
}

fn path(invited: &Invited) -> String {
    invited.url().strip_prefix(PUBLIC).unwrap().to_owned()
}
