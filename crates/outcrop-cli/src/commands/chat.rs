//! `outcrop chat`: a conversation turn by turn, kept as a session.

mod input;
mod list;
mod slash;

use outcrop::wire::messages::System;
use outcrop::{Client, DefaultScope, ModelId, Surroundings};

use self::input::Input;
use self::slash::{Command, Typed};
use crate::answer::{self, Answer};
use crate::args;
use crate::exit::Failure;
use crate::printer::Printer;
use crate::render::stats::counted;
use crate::render::{View, stats};
use crate::session::{Place, Session, Store, first_words};
use crate::{attach, checkpoint, request, settings};

pub(crate) async fn run(arguments: args::Chat, printer: &Printer) -> Result<(), Failure> {
    let surroundings = Surroundings::system();
    let store = match arguments.no_save {
        true => None,
        false => Some(Store::of_user(&surroundings)?),
    };
    if let (Some(None), Some(store)) = (&arguments.resume, &store) {
        return list::run(store, &surroundings, printer);
    }
    let (mut session, place) = match (&arguments.resume, &store) {
        (Some(Some(name)), Some(store)) => store.open(name).map(|(session, place)| (session, Some(place)))?,
        (_, Some(store)) if arguments.continues => store.last().map(|(session, place)| (session, Some(place)))?,
        (_, store) => {
            let place = store.as_ref().map(|store| store.fresh(surroundings.unix()));
            (Session::new(request::begin(&arguments.request), None), place)
        }
    };
    session.request = request::with(session.request, &arguments.request);
    session.cache = arguments.request.cache.map(Into::into).or(session.cache);
    let files = &arguments.request.files;
    if files.iter().any(|path| path.as_os_str() == "-") {
        return Err(Failure::usage("cannot attach standard input: a chat reads its turns from there"));
    }
    let client = settings::client(&arguments.connection, printer).await?;
    session.add(attach::read(files, &client, printer).await?);
    let client = client.with_options(arguments.handling.options()?);
    let scope = arguments.connection.scope;
    request::scoped(&mut session.request, arguments.request.model.is_some(), scope.as_ref(), &client)?;
    let history = store.as_ref().and_then(Store::history);
    let mut input = Input::new(history, printer)?;
    let person = input.is_person();
    let mut chat = Chat { client, scope, session, place, store, unsaved: false, person, surroundings, printer };
    chat.session.request.model = chat.kept(&chat.session.request.model);
    if person {
        chat.greet();
    }
    while let Some(entry) = input.next(printer).await? {
        match chat.take(&entry).await {
            Ok(true) => {}
            Ok(false) => break,
            // A person reads why and goes on; a program cannot.
            Err(failure) if person && !failure.silent => drop(printer.failed(&failure)),
            Err(failure) => return Err(failure),
        }
    }
    Ok(())
}

struct Chat<'a> {
    client: Client,
    /// Where models that are named without a scope may be processed.
    scope: Option<DefaultScope>,
    session: Session,
    /// Where it is kept, if it is.
    place: Option<Place>,
    store: Option<Store>,
    /// It could not be saved, and that was told.
    unsaved: bool,
    /// Somebody sits there, who can be told what to type next.
    person: bool,
    surroundings: Surroundings,
    printer: &'a Printer,
}

impl Chat<'_> {
    fn greet(&self) {
        let turns = self.session.request.messages.len();
        let name = match &self.place {
            Some(place) if turns > 0 => format!("session {}, {turns} turns", place.name()),
            Some(place) => format!("session {}", place.name()),
            None => "a session that is not kept".to_owned(),
        };
        self.printer.note(&format!("{}, {name}; /help lists the commands", self.session.request.model.as_str()));
        if self.session.is_open() {
            self.printer.note("the last question has no answer yet: /retry asks it, /undo takes it back");
        }
    }

    /// Does what was typed. False at the end.
    async fn take(&mut self, entry: &str) -> Result<bool, Failure> {
        match slash::read(entry)? {
            Typed::Text(text) => {
                self.session.add(vec![outcrop::Block::text(text)]);
                self.ask().await?;
            }
            Typed::Command(Command::Quit, _) => return Ok(false),
            Typed::Command(command, argument) => self.obey(command, argument).await?,
        }
        Ok(true)
    }

    async fn obey(&mut self, command: Command, argument: Option<String>) -> Result<(), Failure> {
        match (command, argument) {
            (Command::Help, _) => self.printer.line(&slash::help())?,
            (Command::System, argument) => self.system(argument)?,
            (Command::Model, argument) => self.model(argument)?,
            (Command::File, path) => {
                let path = path.map(|path| self.home(&path)).unwrap_or_default();
                let blocks = attach::read(&[path], &self.client, self.printer).await?;
                self.printer.line(&format!("{} added to the next question", counted(blocks.len(), "block")))?;
                self.session.add(blocks);
                self.save();
            }
            (Command::Retry, _) if self.session.is_open() => self.ask().await?,
            (Command::Retry, _) => {
                return Err(Failure::usage("there is nothing to ask again: every question has its answer")
                    .hint("/undo takes the last question back"));
            }
            (Command::Undo, _) => match self.session.undo() {
                Some(turn) => {
                    self.printer.line(&format!("took back: {}", first_words(&turn.content)))?;
                    self.save();
                }
                None => return Err(Failure::usage("there is nothing to take back: the conversation is empty")),
            },
            (Command::Clear, _) => self.clear()?,
            (Command::Save, name) => self.name(name)?,
            (Command::Cost, _) => self.printer.line(&stats::session(&self.session.answers, &self.surroundings))?,
            (Command::Tokens, _) => self.tokens().await?,
            (Command::Quit, _) => {}
        }
        Ok(())
    }

    /// Asks the open question. Whatever goes wrong, the question stays.
    async fn ask(&mut self) -> Result<(), Failure> {
        let hint = "/retry asks again, /undo takes the question back";
        if let Some(ttl) = self.session.cache.clone() {
            checkpoint::set(&mut self.session.request, ttl);
        }
        self.save();
        let mut view = match self.printer.styles() {
            true => View::Terminal(Default::default()),
            false => View::Text(Default::default()),
        };
        let stop = async {
            // Where signals cannot be waited for, they end the program, and the session is saved.
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        let answer = answer::stream(&self.client, &self.session.request, &mut view, stop, self.printer).await;
        match answer {
            Err(failure) if failure.silent => Err(failure),
            Err(failure) => {
                match (self.person, self.how_to_go_on()) {
                    (true, _) => self.printer.note(&format!("the question is kept: {hint}")),
                    (false, Some(how)) => self.printer.note(&format!("the question is kept: {how}")),
                    (false, None) => {}
                }
                Err(failure)
            }
            Ok(answer) => self.keep(answer, hint),
        }
    }

    /// Takes in how it ended. Lines end with the answer that was stopped: nobody is there to say how to go on.
    fn keep(&mut self, answer: Answer, hint: &str) -> Result<(), Failure> {
        let mut ended = false;
        match answer {
            Answer::Whole(received) => {
                self.session.answered(&received.reply, stats::engine(&received.reply));
                stats::tell(&received, &self.client, self.printer);
                if received.reply.content.is_empty() {
                    self.printer.warning(&format!("the answer was empty: {hint}"));
                }
            }
            Answer::Stopped(stopped) => match stopped.is_some_and(|stopped| self.session.stopped(&stopped)) {
                _ if !self.person => ended = true,
                true => self.printer.warning("stopped; what came of the answer is kept, /undo takes it back"),
                false => self.printer.warning(&format!("stopped before there was an answer: {hint}")),
            },
        }
        self.save();
        if !ended {
            return Ok(());
        }
        let failure = Failure::stopped("stopped before the answer was whole; no further turn was read");
        Err(match self.how_to_go_on() {
            Some(how) => failure.hint(how),
            None => failure,
        })
    }

    /// What to type to go on with a session that is kept, once the program has ended.
    fn how_to_go_on(&self) -> Option<String> {
        let resume = format!("outcrop chat --resume '{}' goes on", self.place.as_ref()?.name());
        Some(if self.session.is_open() { format!("{resume}, /retry asks again") } else { resume })
    }

    /// Counts the conversation as the next question would send it. A conversation that ends with an answer cannot be
    /// counted, so a short question is put behind it.
    async fn tokens(&self) -> Result<(), Failure> {
        let mut request = self.session.request.clone();
        if request.messages.is_empty() {
            return Err(Failure::usage("there is nothing to count: the conversation is empty"));
        }
        if !self.session.is_open() {
            request = request.user(".");
        }
        let counted = self.client.messages().count_tokens(&request).await?;
        self.printer.line(&format!("{} tokens", counted.input_tokens))?;
        stats::tell_count(&counted, &self.client, &request.model, self.printer);
        Ok(())
    }

    /// Saves the session. A chat goes on where that fails, and says so once.
    fn save(&mut self) {
        let Some(place) = &mut self.place else { return };
        let saved = place.save(&self.session);
        let told = std::mem::replace(&mut self.unsaved, saved.is_err());
        match saved {
            Ok(None) => {}
            Err(_) if told => {}
            Ok(Some(name)) => self.printer.warning(&format!(
                "somebody else has written this session too: theirs stays, this one goes on as {name}"
            )),
            Err(failure) => self.printer.warning(&failure.text),
        }
    }

    fn system(&mut self, text: Option<String>) -> Result<(), Failure> {
        match text {
            None => {
                let shown = match &self.session.request.system {
                    None => "there is no system prompt".to_owned(),
                    Some(System::Text(text)) => text.clone(),
                    Some(System::Blocks(blocks)) => blocks
                        .iter()
                        .filter_map(|block| match block {
                            outcrop::wire::messages::SystemBlock::Text(block) => Some(block.text.as_str()),
                            _ => None,
                        })
                        .collect(),
                };
                self.printer.line(&shown)?;
            }
            Some(text) => {
                self.session.request.system = (text != "-").then(|| text.into());
                self.save();
            }
        }
        Ok(())
    }

    /// A model as a session keeps it: in the scope that was typed for this chat, also when it goes on without it.
    fn kept(&self, id: &ModelId) -> ModelId {
        match &self.scope {
            Some(scope) => self.client.catalogue().resolve_from(id, self.client.region(), Some(scope)).id,
            None => id.clone(),
        }
    }

    fn model(&mut self, name: Option<String>) -> Result<(), Failure> {
        let id = match &name {
            Some(name) => ModelId::from(name.clone()),
            None => self.session.request.model.clone(),
        };
        let id = self.kept(&id);
        let named = self.client.catalogue().resolve_from(&id, self.client.region(), None);
        let known = match named.model {
            Some(model) => format!("{}: {}", model.row().title, named.id.as_str()),
            None => format!("{}: not in the catalogue, sent as it is", id.as_str()),
        };
        self.printer.line(&known)?;
        if name.is_some() {
            self.session.request.model = id;
            self.save();
        }
        Ok(())
    }

    fn clear(&mut self) -> Result<(), Failure> {
        let kept = match (&self.place, self.session.request.messages.is_empty()) {
            (Some(place), false) => format!("session {} stays saved; ", place.name()),
            _ => String::new(),
        };
        self.session.request.messages.clear();
        self.session.answers.clear();
        self.place = self.store.as_ref().map(|store| store.fresh(self.surroundings.unix()));
        self.printer.line(&format!("{kept}this is a new one"))?;
        Ok(())
    }

    fn name(&mut self, name: Option<String>) -> Result<(), Failure> {
        let Some(store) = &self.store else {
            return Err(Failure::usage("cannot save the session: --no-save was given"));
        };
        let before = self.place.take();
        let place = match &name {
            None => Ok(before.clone().unwrap_or_else(|| store.fresh(self.surroundings.unix()))),
            Some(name) => store.named(name),
        };
        let saved = place.and_then(|mut place| place.save(&self.session).map(|_| place));
        let place = match saved {
            Ok(place) => place,
            Err(failure) => {
                self.place = before;
                return Err(failure);
            }
        };
        if name.is_some()
            && let Some(before) = before
        {
            before.remove();
        }
        let told = format!("session {}: {}", place.name(), place.path().display());
        self.place = Some(place);
        Ok(self.printer.line(&told)?)
    }

    /// A path as it was typed, with `~` for the home folder.
    fn home(&self, path: &str) -> std::path::PathBuf {
        match (path.strip_prefix("~/"), self.surroundings.home()) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => path.into(),
        }
    }
}
