//! What services say, as a client hears it.

use super::*;

fn port(manners: &str) -> Scenario {
    one(
        "rtt = \"20ms\"",
        &format!("ports = [{{ ports = \"7\", is = \"open\"{manners} }}]"),
    )
}

/// Everything that the service says until it closes or is still for a second, acknowledged as it comes; and whether it closed.
fn listen(lab: &mut Lab, client: &mut Client) -> (Vec<u8>, bool) {
    let mut said = Vec::new();
    while let Some(heard) = lab.hear_by(lab.now + Duration::from_secs(1)) {
        let segment = heard.segment();
        client.takes(&segment);
        said.extend(&segment.payload);
        if segment.length() > 0 {
            lab.send(&client.ack());
        }
        if segment.fin {
            return (said, true);
        }
    }
    (said, false)
}

#[test]
fn a_silent_service_says_nothing_and_stays() {
    let mut lab = Lab::new(port(""));
    let mut client = lab.connect(7);
    assert_eq!(listen(&mut lab, &mut client), (vec![], false));
    lab.send(&client.says(b"anybody?"));
    let answer = lab.segment();
    assert!(answer.payload.is_empty() && answer.ack_number == client.plain.seq);
    assert_eq!(lab.world.people.count(), 1);
}

#[test]
fn a_banner_comes_with_the_end_of_the_handshake() {
    let mut lab = Lab::new(port(", says = \"SSH-2.0-test\\r\\n\""));
    let mut client = lab.connect(7);
    let (said, closed) = listen(&mut lab, &mut client);
    assert_eq!((&said[..], closed), (&b"SSH-2.0-test\r\n"[..], false));
    lab.send(&client.fin());
    assert!(listen(&mut lab, &mut client).1);
}

#[test]
fn a_long_banner_comes_whole() {
    let banner = "0123456789abcdef".repeat(1_000);
    let mut lab = Lab::new(port(&format!(", says = \"{banner}\"")));
    let mut client = lab.connect(7);
    assert_eq!(listen(&mut lab, &mut client).0, banner.as_bytes());
}

#[test]
fn an_echo_gives_back_what_it_gets_and_closes_when_the_client_does() {
    let mut lab = Lab::new(port(", echoes = true, says = \"hi \""));
    let mut client = lab.connect(7);
    lab.send(&client.says(b"one "));
    lab.send(&client.says(b"two"));
    lab.send(&client.fin());
    assert_eq!(
        listen(&mut lab, &mut client),
        (b"hi one two".to_vec(), true)
    );
    assert!(lab.silent_for(1));
    assert_eq!(lab.world.people.count(), 0);
}

#[test]
fn an_answer_comes_once_and_then_the_service_closes() {
    let mut lab = Lab::new(port(", answers = \"HTTP/1.0 200 OK\\r\\n\\r\\n\""));
    let mut client = lab.connect(7);
    assert_eq!(listen(&mut lab, &mut client), (vec![], false));
    lab.send(&client.says(b"GET / "));
    lab.send(&client.says(b"HTTP/1.0\r\n\r\n"));
    assert_eq!(
        listen(&mut lab, &mut client),
        (b"HTTP/1.0 200 OK\r\n\r\n".to_vec(), true)
    );
    lab.send(&client.fin());
    let end = lab.now + Duration::from_secs(1);
    let last = lab.all_by(end).pop().unwrap().1.segment();
    assert!(last.payload.is_empty() && last.ack_number == client.plain.seq);
    assert!(lab.silent_for(60));
    assert_eq!(lab.world.people.count(), 0);
}

#[test]
fn all_of_it_comes_through_loss_copies_and_reordering() {
    let banner = "0123456789abcdef".repeat(500);
    let hosts = format!("ports = [{{ ports = \"7\", is = \"open\", says = \"{banner}\" }}]");
    let path = "rtt = \"20ms\"\njitter = { up_to = \"10ms\" }\nloss_back = 0.2\nduplicate = 0.2\nreorder = { share = 0.2, by = \"30ms\" }";
    for seed in 0..10 {
        let mut lab = Lab::seeded(one(path, &hosts), seed);
        lab.send(&syn(7));
        let syn_ack = lab.segment();
        let mut client = Client::of(&syn(7), &syn_ack);
        lab.send(&client.ack());
        let mut said = Vec::new();
        // A client that keeps nothing that comes out of turn, and acknowledges everything.
        while said.len() < banner.len() {
            let segment = lab.segment();
            if segment.seq == client.plain.ack_number && !segment.syn {
                client.takes(&segment);
                said.extend(segment.payload);
            }
            lab.send(&client.ack());
        }
        assert_eq!(said, banner.as_bytes(), "seed {seed}");
    }
}
