//! Words that say nothing about a theme, in German and English.

/// German function words and words of every verbatim, lower case, umlauts
/// folded.
const GERMAN: &str = "
aber alle allem allen aller alles allerdings als also am an andere anderen anderer anderes ans auch auf
aus bei beide beiden beim bereits besonders bevor bin bis bisher bislang bist bitte bloss brauche braucht
bzw da dabei dadurch dafuer dagegen daher dahin damals damit danach daneben dann daran darauf daraus darf
darin darueber darum darunter das dass davon davor dazu dein deine deinem deinen deiner dem den denen denn
dennoch der deren des deshalb dessen desto deswegen dich die dies diese dieselbe diesem diesen dieser
dieses dir doch dort du duerfen durch durfte eben ebenfalls ebenso eher eigentlich ein eine einem einen
einer eines einfach einige einigen einiger einiges einmal er erst es etc etwa etwas euch euer eure eurem
euren eurer fast fuer ganz ganze ganzen gar geben gegen gehabt gehen geht gekommen gemacht genau genug
gerade gern gerne gesagt gibt ging habe haben habt haette haetten halt hat hatte hatten hattest her herr
hier hin hinter ich ihm ihn ihnen ihr ihre ihrem ihren ihrer ihres im immer in indem ins insgesamt
inzwischen irgendwann irgendwas irgendwie ist ja jede jedem jeden jeder jederzeit jedes jedoch jemals
jemand jetzt kam kann kannst kaum kommen kommt konnte konnten koennen koennt koennte koennten lassen
leider laesst liegt lieber ma mache machen macht mal man manche manchen mancher manches manchmal mein
meine meinem meinen meiner meines meist meistens mich mir mit mittlerweile moechte moeglich muss musste
mussten muesste muessen na nach nachdem naja naemlich natuerlich neben nem ner nen nix noch nun nur ob
obwohl oder oft ohne paar per rein richtig sagen sagt sagte schon sehr sein seine seinem seinen seiner
seines seit seitdem selber selbst sich sie sieht sind so sobald sodass sogar solch solche solchen solcher
soll sollen sollte sollten sondern sonst soweit sowie sowieso sowohl statt stets trotz trotzdem ueber
ueberall ueberhaupt um und uns unser unsere unserem unseren unserer unter usw viel viele vielen vieler
vielleicht voll vom von vor vorher waehrend wann war waere waeren waren warum was weder wegen weil weiter
weiterhin welche welchem welchen welcher welches wenig wenige weniger wenn wer werde werden werdet weshalb
wie wieder wieso will wir wird wirklich wo wobei wohl wollen wollte wollten womit woran worden wurde
wurden wuerde wuerden z zb ziemlich zu zudem zum zumindest zur zwar zwischen
arg bekomme bekommen bekommt einzige gestern gleich hab habs heute heut je jedes letzte letzten neuerdings
passiert seh sehe staendig tag tage tagen weiss tut wen woche wochen wuerd
agent betreff damen geehrte geehrter gruesse gruessen gruss guten hallo herren kunde kundin mfg moin
servus sg
zwei drei vier fuenf sechs sieben acht neun zehn elf zwoelf hundert tausend
";

/// English function words and words of every verbatim, lower case.
const ENGLISH: &str = "
a able about above actually after again all almost alone along already also although always am among an
and another any anybody anymore anyone anything are aren around as ask asked at away be because been
before being between bit both but by came can come comes coming could couldn d definitely did
didn do does doesn doing don done dont down during each either else enough especially etc even ever every
everyone everything far feel felt few find first for found from further gave get gets getting give given
go goes going gone gonna got had hadn hardly has hasn have haven having he hello hence her here hers
herself hey hi him himself his how however i if im in instead into is isn it its itself ive just keep
kept know last least less let like likely little ll look lot lots m made make makes many may maybe me
mean might mine more most much must my myself need needed needs nearly neither next now of off often oh ok
okay on once one ones only onto or other others otherwise ought our ours ourselves out over own perhaps
please possible put quite rather re really s said same say see seem seemed seems shall she should shouldn
simply since so some somebody someone something sometimes somewhat soon still such sure t take taken than
thank thanks that thats the their theirs them themselves then there therefore these they thing things
think this those though through thus to together told too took totally toward tried try trying u
under until up upon us use used using usually ve very via want wanted wants was wasn way we well went were
weren what whatever when where whether which while who whole whom whose why will with within without won
would wouldn yeah yes yet you your yours yourself yourselves
agent cheers customer dear hiya madam regards sir
two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty sixty seventy eighty
ninety hundred thousand zero
";

/// Negations: meaningless alone, the point of a phrase such as "geht nicht" or
/// "öffnet nicht mehr". In English also all words in `n't`.
const NEGATIONS: &str = "
kein keine keinem keinen keiner keines mehr nicht nichts nie niemals niemand
cannot cant no nobody none nor not nothing never
";

/// Words that are part of a verb where they end a clause.
const PARTICLES: &str = "
ab an auf aus ein fest her hin los vor weg weiter zu zurueck zusammen
away back down in off on out up
";

/// What a word is to a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// It says what a text is about.
    Content,
    /// It counts only beside a content word.
    Negation,
    /// It counts only after a content word, at the end of a clause.
    Particle,
    /// It says nothing.
    Stop,
}

/// The role of each folded word.
pub(crate) struct Roles(std::collections::HashMap<&'static str, Role>);

impl Roles {
    pub(crate) fn new() -> Self {
        let lists = [
            (GERMAN, Role::Stop),
            (ENGLISH, Role::Stop),
            (PARTICLES, Role::Particle),
            (NEGATIONS, Role::Negation),
        ];
        let of_list = |(words, role): (&'static str, Role)| {
            words.split_whitespace().map(move |word| (word, role))
        };
        Self(lists.into_iter().flat_map(of_list).collect())
    }

    /// The role of a word in lower case with folded umlauts. Single letters and
    /// numbers of one or two digits say nothing, and what follows an apostrophe
    /// (`it's`, `geht's`) adds nothing, unless it negates.
    pub(crate) fn of(&self, folded: &str) -> Role {
        if folded.ends_with("n't") {
            return Role::Negation;
        }
        let folded = folded.split_once('\'').map_or(folded, |(word, _)| word);
        let is_short = folded.chars().nth(1).is_none();
        let is_small = folded.len() < 3 && folded.bytes().all(|byte| byte.is_ascii_digit());
        if is_short || is_small {
            return Role::Stop;
        }
        self.0.get(folded).copied().unwrap_or(Role::Content)
    }
}
