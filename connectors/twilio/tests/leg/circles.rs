//! Who hears whom depends on the circle that each is in.

use room_contract::{Admission, Identity, Rooms as _, circle::moved_to};

use crate::{
    person::Person,
    phone::Phone,
    stage::{NEVER_LATE, Stage, WHO, ms, passes, tone},
};

/// The agent sings low, a briefer high.
const AGENT: f32 = 440.0;
const BRIEFER: f32 = 1_000.0;
const CALLER: f32 = 600.0;

#[tokio::test(start_paused = true)]
async fn only_those_of_the_same_circle_are_heard() {
    let mut scene = Scene::new(Some("briefing")).await;

    scene.both_sing(ms(500)).await;

    assert!(!scene.hears(AGENT) && scene.hears_too(BRIEFER));
}

#[tokio::test(start_paused = true)]
async fn only_those_of_the_same_circle_hear() {
    let mut scene = Scene::new(Some("briefing")).await;

    scene.phone.talks(CALLER, 50, NEVER_LATE).await;
    passes(300).await;

    assert!(!sounds(&scene.agent.heard(), CALLER));
    assert!(sounds(&scene.briefer.heard(), CALLER));
}

#[tokio::test(start_paused = true)]
async fn one_who_is_moved_changes_company_at_once_and_both_ways() {
    let mut scene = Scene::new(Some("briefing")).await;
    scene.both_sing(ms(500)).await;
    scene.phone.heard();

    scene.moves(WHO, None).await;
    scene.both_sing(ms(500)).await;
    scene.briefer.heard();
    scene.phone.talks(CALLER, 50, NEVER_LATE).await;
    passes(300).await;

    assert!(scene.hears(AGENT) && !scene.hears_too(BRIEFER));
    assert!(sounds(&scene.agent.heard(), CALLER));
    assert!(!sounds(&scene.briefer.heard(), CALLER));
}

#[tokio::test(start_paused = true)]
async fn what_the_former_circle_said_is_dropped_on_a_move() {
    let scene = Scene::new(Some("briefing")).await;
    scene.briefer.sings(BRIEFER, ms(900)).await;
    passes(500).await;
    scene.phone.heard();
    let clears = scene.phone.clears();

    scene.moves(WHO, None).await;
    passes(1_000).await;

    let after = tone(&scene.phone.heard(), BRIEFER);
    assert_eq!(scene.phone.clears(), clears + 1);
    assert!(after.duration <= ms(25), "{after:?}");
}

#[tokio::test(start_paused = true)]
async fn one_who_is_moved_here_is_heard_and_one_who_is_moved_away_is_not() {
    let mut scene = Scene::new(None).await;
    scene.moves("briefer-1", None).await;
    scene.both_sing(ms(500)).await;
    assert!(scene.hears(AGENT) && scene.hears_too(BRIEFER));
    scene.phone.heard();

    scene.moves("briefer-1", Some("elsewhere")).await;
    scene.both_sing(ms(500)).await;

    assert!(scene.hears(AGENT) && !scene.hears_too(BRIEFER));
}

#[tokio::test(start_paused = true)]
async fn a_move_of_the_others_clears_nothing() {
    let scene = Scene::new(None).await;
    scene.agent.sings(AGENT, ms(900)).await;
    passes(300).await;

    scene.moves("briefer-1", None).await;
    scene.moves("briefer-1", Some("elsewhere")).await;
    passes(1_000).await;

    let heard = tone(&scene.phone.heard(), AGENT);
    assert_eq!(scene.phone.clears(), 0);
    assert!(heard.duration >= ms(880), "{heard:?}");
}

/// A phone, an agent in the main circle, and a briefer in one of their own.
struct Scene {
    stage: Stage,
    agent: Person,
    briefer: Person,
    phone: Phone,
    heard: Vec<i16>,
}

impl Scene {
    async fn new(circle: Option<&str>) -> Self {
        let mut stage = Stage::within(circle).await;
        let agent = stage.enters("agent-1").await;
        let briefer = Person::admit(&stage.rooms, &within(&stage, "briefer-1", "briefing")).await;
        let phone = stage.connects(ms(0)).await;
        passes(30).await;
        Self {
            stage,
            agent,
            briefer,
            phone,
            heard: Vec::new(),
        }
    }

    async fn moves(&self, who: &str, circle: Option<&str>) {
        let who = Identity::new(who).unwrap();
        let rooms = &self.stage.rooms;
        rooms
            .set_attributes(&self.stage.name, &who, moved_to(circle))
            .await
            .unwrap();
        passes(30).await;
    }

    async fn both_sing(&self, duration: std::time::Duration) {
        self.agent.sings(AGENT, duration).await;
        self.briefer.sings(BRIEFER, duration).await;
        passes(u64::try_from(duration.as_millis()).unwrap() + 500).await;
    }

    /// Looks at what the phone has heard since the last time.
    fn hears(&mut self, hertz: f32) -> bool {
        self.heard = self.phone.heard();
        self.hears_too(hertz)
    }

    fn hears_too(&self, hertz: f32) -> bool {
        sounds(&self.heard, hertz)
    }
}

fn sounds(heard: &[i16], hertz: f32) -> bool {
    let heard = tone(heard, hertz);
    heard.share > 0.3 && heard.duration > ms(300)
}

fn within(stage: &Stage, who: &str, circle: &str) -> Admission {
    let mut admission = Admission::agent(stage.name.clone(), Identity::new(who).unwrap());
    admission.attributes = moved_to(Some(circle));
    admission
}
