//! Outcrop as a contender: typed, encoded and signed in every call.

use outcrop::{Client, Message, Retry, Surroundings};

use crate::call::{ACCESS_KEY_ID, Answer, Contender, Failure, MAX_TOKENS, MODEL_ID, REGION, SECRET_ACCESS_KEY, SYSTEM, USER};

pub struct Ours {
    client: Client,
}

impl Ours {
    /// Makes the client for `endpoint` (`http://127.0.0.1:PORT`), with the keys, region and model of [`crate::call`].
    pub async fn open(endpoint: &str) -> Result<Self, Failure> {
        let client = Client::builder()
            .surroundings(Surroundings::made_up([], []))
            .access_key(ACCESS_KEY_ID, SECRET_ACCESS_KEY)
            .region(REGION)
            .endpoint_url(endpoint)
            .retry(Retry::default())
            .build()
            .await?;
        Ok(Ours { client })
    }
}

impl Contender for Ours {
    async fn unary(&self) -> Result<Answer, Failure> {
        let reply = self.client.message(MODEL_ID).max_tokens(MAX_TOKENS).system(SYSTEM).user(USER).await?;
        Ok(read(&reply))
    }

    async fn stream(&self) -> Result<Answer, Failure> {
        let mut stream = self.client.message(MODEL_ID).max_tokens(MAX_TOKENS).system(SYSTEM).user(USER).stream().await?;
        while let Some(event) = stream.next().await {
            event?;
        }
        let message = stream.finish().await?;
        Ok(read(&message))
    }
}

fn read(message: &Message) -> Answer {
    Answer { text: message.text(), output_tokens: message.usage.output_tokens }
}
