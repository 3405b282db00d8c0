//! What a log of a conversation does not tell.

use crate::caller::Caller;
use crate::house::House;

const ANN: (&str, &str) = ("anns-identity", "Ann Smith");

#[tokio::test(flavor = "multi_thread")]
async fn no_words_no_names_no_numbers_and_no_keys_are_in_the_log() {
    let house = House::open().await;
    let admission = house.room("private-room", "demo", ANN).await;
    let ann = Caller::enters(&admission).await;
    let agent = ann.hears_agent(None).await;
    agent.says("How can I help you?").await;

    ann.says("How much is a haircut?").await;
    agent.says("starts at forty five.").await;
    ann.types("I would like to leave a message.").await;
    agent.says("your name, please?").await;
    ann.types("Marco").await;
    agent.says("number").await;
    ann.types("0791234567").await;
    agent.says("is that right?").await;
    ann.types("yes").await;
    ann.reads_message("marco").await;
    ann.types("goodbye").await;
    ann.sees_leave(agent.identity()).await;
    let kept = house.record("private-room").await;

    let log = house.log().to_lowercase();
    assert!(log.contains("a session ended"), "{log}");
    let token = admission["token"].as_str().unwrap();
    let mut secrets = vec![
        token,
        "devkey",
        "anns-identity",
        "private-room",
        "smith",
        "marco",
        "0791234567",
        "791234567",
    ];
    secrets.extend([
        "haircut",
        "forty",
        "harbour",
        "how can i help",
        "leave a message",
    ]);
    for secret in secrets {
        assert!(!log.contains(&secret.to_lowercase()), "{secret} in\n{log}");
    }
    assert!(kept.has("Ann Smith: how much is a haircut"), "{kept:?}");
}
