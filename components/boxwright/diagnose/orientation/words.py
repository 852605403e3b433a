"""What a class name says about up and down, left and right.

The lists are curated by hand: English, and common nouns in Spanish, Portuguese, French, German and Italian. A word that means
things of both kinds (plate, tablet, leaf, fish) is in no list. A missing word costs little, because unknown names say nothing.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Literal

# What a name says: the thing has an up; it is seen through a microscope; it lies flat or has no up; nothing.
Says = Literal["up", "cell", "flat", ""]

_UP = """
person people human man men woman women boy girl child children kid baby adult player goalkeeper referee worker pedestrian
cyclist rider biker driver passenger crowd face head torso body helmet hardhat vest mask hat shirt dress pants shoe boot car
truck bus van suv pickup taxi cab motorcycle motorbike bicycle bike scooter moped train tram tractor trailer ambulance lorry
jeep sedan hatchback minivan minibus vehicle rickshaw forklift excavator bulldozer crane boat ship sailboat yacht kayak canoe
ferry aeroplane airplane plane aircraft helicopter drone traffic sign signal stoplight lamp lamppost streetlight pole pylon
tower hydrant bench cone barrier barricade fence gate door window building house bridge chimney mailbox billboard license
licence numberplate tree trunk cactus vase dog puppy cat kitten horse pony foal cow bull ox calf cattle sheep lamb goat pig
boar deer elk moose reindeer antelope gazelle zebra giraffe elephant rhino rhinoceros hippo hippopotamus lion tiger leopard
cheetah jaguar panther bear panda wolf fox coyote raccoon badger squirrel rabbit hare rat hamster kangaroo wallaby koala
monkey ape gorilla chimpanzee orangutan baboon lemur camel llama alpaca donkey mule buffalo bison yak chicken hen rooster duck
goose geese turkey swan bird eagle hawk owl parrot pigeon penguin flamingo ostrich crow raven sparrow peacock heron stork gull
seagull animal wildlife livestock poultry dolphin whale shark seal walrus otter bottle cup mug wineglass jar kettle teapot
pitcher chair sofa couch armchair stool table desk bed bookcase bookshelf shelf cabinet wardrobe dresser refrigerator fridge
oven stove microwave toaster sink toilet bathtub tv television monitor screen laptop computer phone clock umbrella backpack
suitcase handbag book guitar piano teddy doll robot statue flag extinguisher ladder fountain windmill turbine lighthouse
church mosque temple castle skyscraper tent dustbin trashcan gun handgun pistol rifle text word document page invoice receipt
paragraph heading caption title signature logo persona personas hombre mujer nino nina coche carro camion bicicleta moto
motocicleta peaton senal semaforo arbol edificio casa perro gato caballo vaca oveja cerdo pajaro botella vaso silla mesa casco
pessoa pessoas homem mulher crianca caminhao onibus pedestre placa arvore predio cachorro cao cavalo ovelha porco passaro
garrafa cadeira capacete personne homme femme enfant voiture camionnette velo pieton panneau feu arbre batiment maison chien
chat cheval vache mouton cochon oiseau bouteille tasse chaise casque mensch mann frau auto autos lkw pkw fahrrad motorrad
fussganger schild verkehrszeichen verkehrsschild schilder ampel ampeln baum baume gebaude haus hauser hund hunde katze katzen
pferd pferde kuh kuhe schaf schafe schwein schweine vogel flasche flaschen tasse tassen stuhl stuhle tisch tische helm helme
menschen frauen fahrrader motorrader uomo uomini donna donne bambino bambini macchina macchine automobile automobili autobus
bici pedone pedoni cartello cartelli albero alberi edificio edifici cane cani gatto gatti cavallo cavalli mucca mucche pecora
pecore maiale maiali uccello uccelli bottiglia bottiglie bicchiere sedia tavolo
"""
_CELL = """
cell rbc wbc platelet erythrocyte leukocyte leucocyte neutrophil lymphocyte monocyte eosinophil basophil thrombocyte
lymphoblast myeloblast plasmodium trophozoite schizont gametocyte merozoite echinocyte acanthocyte schistocyte spherocyte
reticulocyte malaria nucleus nuclei nucleoli mitosis mitotic bacteria bacterium bacillus bacilli coccus cocci colony colonies
virus spore pollen diatom plankton copepod rotifer nematode oocyst sperm spermatozoa oocyte follicle glomerulus glomeruli
organoid spheroid yeast hypha hyphae chromosome foraminifera nanoparticle dislocation martensite ferrite austenite pearlite
microplastic microfiber microfibre microsphere microbe celula leucocito eritrocito hematie globulo plaqueta bacterias cellule
hematies globule plaquette bacterie zelle zellen zellkern erythrozyt erythrozyten leukozyt leukozyten thrombozyt thrombozyten
bakterie bakterien cellula cellule globuli piastrina batterio batteri
"""
_FLAT = """
screw bolt nut washer rivet bearing gear gasket coin pill capsule resistor capacitor inductor transistor diode ic pcb solder
smd wafer defect scratch dent crack hole pit pitting pore porosity void inclusion corrosion blister burr contamination crazing
spall spalling delamination spur copper seed kernel bean lentil chickpea grain rice weed crop seedling dice domino bead marble
pebble crater galaxy nebula larva larvae mite aphid whitefly thrips starfish scallop urchin lego pen pencil key scissors
battery banknote spoon fork knife wrench screwdriver pliers hammer tool solar photovoltaic solarpv tornillo tuerca arandela
moneda semilla defecto rasguno grieta parafuso arruela moeda semente defeito trinca vis ecrou rondelle graine defaut rayure
fissure schraube schrauben unterlegscheibe munze munzen samen kratzer riss risse vite bullone moneta difetto graffio crepa
"""
# Of sets of pictures from above, such as DOTA, DIOR and VEDAI. Without spaces and marks.
_ABOVE = """
aerial satellite overhead topdown topview birdseye swimmingpool tenniscourt basketballcourt baseballdiamond baseballfield
groundtrackfield soccerballfield golffield golfcourse storagetank largevehicle smallvehicle helipad expresswayservicearea
expresswaytollstation
"""
_SIDED = """
left right clockwise anticlockwise counterclockwise izquierda izquierdo derecha derecho esquerda esquerdo direita direito
gauche droite rechts sinistra sinistro destra destro
"""
_DIGITS = frozenset(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])
# So many classes that are one character are an alphabet; fewer are numbers or names such as grade A.
_ALPHABET = 5

_LISTS: tuple[tuple[Says, str], ...] = (("flat", _FLAT), ("cell", _CELL), ("up", _UP))
_SAYS: dict[str, Says] = {word: kind for kind, listed in _LISTS for word in listed.split()}
_SIDES, _VIEWS = frozenset(_SIDED.split()), frozenset(_ABOVE.split())
_TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_LONGEST = 200


def says(name: str) -> Says:
    """What the last known word of a name says: in English it names the thing, as in `bottle_cap_screw` and `apple tree`."""
    parts = [word for word in words(name) if word.isalpha()]
    known: list[Says] = [found for word in ("".join(parts), *parts) if (found := _meaning(word))]
    return known[-1] if known else ""


def from_above(name: str) -> bool:
    """Whether a name is one that sets of pictures from above use."""
    parts = words(name)
    joined = "".join(parts)
    return joined in _VIEWS or joined.removesuffix("s") in _VIEWS or not _VIEWS.isdisjoint(parts)


def sided(classes: Sequence[str]) -> str:
    """The class whose name says that it changes its meaning when mirrored. Empty if there is none."""
    return next((name for name in classes if not _SIDES.isdisjoint(words(name))), "")


def alphabet(classes: Sequence[str]) -> bool:
    """Whether classes are letters, or the digits."""
    letters = {name for name in classes if len(name) == 1 and name.isalpha()}
    digits = {str(n) for n in range(10)} <= set(classes) or len(
        _DIGITS & {name.lower() for name in classes}
    ) > _ALPHABET
    return len(letters) >= _ALPHABET or digits


def words(name: str) -> list[str]:
    """The words of a name in lower case and without accents: `Verkehrs-Zeichen2`, `TrafficSign`, `traffic_sign`."""
    plain = unicodedata.normalize("NFKD", name[:_LONGEST].replace("ß", "ss"))
    return [word.lower() for word in _TOKEN.findall("".join(c for c in plain if not unicodedata.combining(c)))]


def _meaning(word: str) -> Says:
    forms = [form for form in _singulars(word) if form in _SAYS]
    return _SAYS[forms[0]] if forms else ""


def _singulars(word: str) -> Iterator[str]:
    """The word, and what it may be the plural of."""
    yield word
    for ending, instead in (("s", ""), ("es", ""), ("ies", "y")):
        if word.endswith(ending) and len(word) > len(ending) + 2:
            yield word.removesuffix(ending) + instead
