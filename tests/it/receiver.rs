//! A server that takes requests and answers as it is told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread::{self, JoinHandle};

use serde_json::Value;

/// Answers HTTP requests one after the other with the given statuses and bodies,
/// one connection each. Returns the address, and the requests when all were
/// answered: header lines in small letters, and body.
pub(crate) fn answering<const N: usize>(
    answers: [(u16, String); N],
) -> (String, JoinHandle<Vec<(String, Value)>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/hook", listener.local_addr().unwrap());
    let serving = thread::spawn(move || {
        answers.iter().map(|reply| answer(listener.accept().unwrap().0, reply)).collect()
    });
    (address, serving)
}

fn answer(mut stream: TcpStream, (status, body): &(u16, String)) -> (String, Value) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut head = String::new();
    while reader.read_line(&mut head).unwrap() > 2 {}
    let length = head.to_lowercase().lines().find_map(|line| {
        line.strip_prefix("content-length: ").map(|length| length.trim().parse::<usize>().unwrap())
    });
    let mut request = vec![0; length.unwrap()];
    reader.read_exact(&mut request).unwrap();
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
    .unwrap();
    (head.to_lowercase(), serde_json::from_slice(&request).unwrap())
}
