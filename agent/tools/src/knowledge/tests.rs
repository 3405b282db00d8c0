use super::*;

const HANDBOOK: &str = "\
# Opening hours

We are open from nine to five, Monday to Friday. On Saturdays we close at noon.

# Parking

There is a car park behind the house. It costs two euros an hour.

# Animaux

Les chiens sont les bienvenus au café, s'ils sont tenus en laisse. L'été, la terrasse leur est ouverte.
";

fn knowledge() -> Knowledge {
    let documents = [
        Document::new("handbook.md", HANDBOOK),
        Document::new(
            "prices.txt",
            "A haircut is thirty euros.\n\nA shave is fifteen euros.",
        ),
    ];
    Knowledge::new(&documents).expect("there is text")
}

fn best(question: &str) -> Option<(String, String)> {
    let knowledge = knowledge();
    let found = knowledge.search(question, 4);
    found
        .first()
        .map(|found| (found.source.to_owned(), found.heading.to_owned()))
}

fn at(source: &str, heading: &str) -> Option<(String, String)> {
    Some((source.to_owned(), heading.to_owned()))
}

#[test]
fn questions_find_the_passage_that_answers_them() {
    assert_eq!(
        best("When do you open?"),
        at("handbook.md", "Opening hours")
    );
    assert_eq!(
        best("where can I park my car"),
        at("handbook.md", "Parking")
    );
    assert_eq!(best("How much is a haircut"), at("prices.txt", ""));
}

#[test]
fn french_questions_find_french_passages_with_and_without_accents() {
    for question in [
        "Est-ce que les chiens sont admis ?",
        "la terrasse en ete",
        "L'ÉTÉ",
    ] {
        assert_eq!(best(question), at("handbook.md", "Animaux"), "{question}");
    }
}

#[test]
fn a_question_of_small_or_unknown_words_finds_nothing() {
    for question in ["", "what is the", "quantum physics", "…"] {
        assert_eq!(best(question), None, "{question}");
    }
}

#[test]
fn a_rare_word_outweighs_a_common_one() {
    let knowledge = knowledge();

    let found = knowledge.search("how many euros is a shave", 4);

    assert_eq!(found[0].text, "A shave is fifteen euros.");
    assert!(found.windows(2).all(|pair| pair[0].score >= pair[1].score));
}

#[test]
fn texts_without_a_word_are_refused() {
    for documents in [&[][..], &[Document::new("empty.md", " \n\n# \n...")]] {
        let refused = Knowledge::new(documents).map(|_| ());

        assert_eq!(refused, Err(KnowledgeError::Empty));
    }
}
