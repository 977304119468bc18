"""Common given and family names by locale, of which the people of the demo are made up.

Each name has the form its script writes and an ASCII form for addresses. For Latin scripts the second follows
from the first; for the others (`demo_names_scripts`) both are given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from contacts_nb.app.demo_names_scripts import SCRIPT_NAMES
from contacts_nb.model.text import folded

_NOT_LATIN_LETTER = re.compile("[^a-z]")
_LETTERS_THAT_DO_NOT_FOLD = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ı": "i"})


@dataclass(frozen=True, slots=True)
class Names:
    """The names of one locale; `given_ascii[i]` spells `given[i]` with a to z, and so for family names."""

    given: tuple[str, ...]
    given_ascii: tuple[str, ...]
    family: tuple[str, ...]
    family_ascii: tuple[str, ...]


def ascii_name(name: str) -> str:
    """A name in Latin script, spelled with the letters a to z alone.

    >>> ascii_name("Łukasz"), ascii_name("Nguyễn"), ascii_name("O'Brien")
    ('lukasz', 'nguyen', 'obrien')
    """
    return _NOT_LATIN_LETTER.sub("", folded(name).translate(_LETTERS_THAT_DO_NOT_FOLD))


_LATIN_NAMES = {
    "en": (
        "Olivia Amelia Emily Jessica Sophie Grace Charlotte Hannah Lucy Alice Ann Megan Chloe Ella Ruby Zoe "
        "Sarah Rachel Laura Karen James Oliver Jack Harry George Thomas William Henry Daniel Samuel Joseph "
        "David Edward Benjamin Michael Andrew Peter Simon Robert Adam",
        "Smith Jones Williams Taylor Brown Davies Evans Wilson Thomas Johnson Roberts Robinson Thompson Wright "
        "Walker White Edwards Hughes Green Hall Lewis Harris Clarke Patel Jackson Wood Turner Martin Cooper "
        "Hill Ward Morris Moore Clark Lee King Baker O'Brien Campbell Mitchell",
    ),
    "de": (
        "Anna Emma Mia Hannah Lena Lea Sophie Marie Johanna Katharina Julia Laura Sabine Petra Monika Jürgen "
        "Björn Paul Leon Lukas Felix Maximilian Jonas Finn Moritz Stefan Thomas Andreas Wolfgang Günther Klaus "
        "Jörg Heike Käthe Ulrike",
        "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter "
        "Klein Wolf Schröder Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Schmitt Werner "
        "Krause Lehmann Köhler Maier Böhm Weiß Jäger Groß",
    ),
    "fr": (
        "Marie Camille Léa Manon Chloé Inès Juliette Zoé Élise Hélène Françoise Nathalie Isabelle Aurélie "
        "Céline Jean Pierre Louis Lucas Hugo Gabriel Raphaël Jules Léo Étienne François Michel Antoine Nicolas "
        "Julien Benoît Mathieu Théo Noémie Amélie",
        "Martin Bernard Dubois Thomas Robert Richard Petit Durand Leroy Moreau Simon Laurent Lefebvre Michel "
        "Garcia David Bertrand Roux Vincent Fournier Morel Girard André Lefèvre Mercier Dupont Lambert Bonnet "
        "François Martinez Legrand Garnier Faure Rousseau Blanc",
    ),
    "es": (
        "María Carmen Lucía Sofía Martina Paula Elena Ana Isabel Laura Marta Cristina Pilar Raquel Inés "
        "Antonio José Manuel Francisco Juan David Javier Daniel Carlos Miguel Alejandro Rafael Pedro Pablo "
        "Ángel Sergio Fernando Álvaro Adrián Nuria",
        "García Rodríguez González Fernández López Martínez Sánchez Pérez Gómez Martín Jiménez Ruiz Hernández "
        "Díaz Moreno Muñoz Álvarez Romero Alonso Gutiérrez Navarro Torres Domínguez Vázquez Ramos Gil Ramírez "
        "Serrano Blanco Molina Morales Suárez Ortega Delgado Castro",
    ),
    "pt": (
        "Maria Ana Francisca Beatriz Júlia Letícia Fernanda Camila Larissa Mariana Gabriela Conceição Inês "
        "Carolina João José Antônio Francisco Carlos Paulo Pedro Lucas Luís Marcos Gabriel Rafael Daniel "
        "Felipe Bruno Tiago Gonçalo Rodrigo Vinícius Natália",
        "Silva Santos Oliveira Souza Rodrigues Ferreira Alves Pereira Lima Gomes Costa Ribeiro Martins "
        "Carvalho Almeida Lopes Soares Fernandes Vieira Barbosa Rocha Dias Nascimento Andrade Moreira Nunes "
        "Marques Machado Mendes Freitas Cardoso Araújo Gonçalves",
    ),
    "it": (
        "Giulia Sofia Aurora Alice Ginevra Emma Giorgia Beatrice Greta Chiara Francesca Martina Elena Paola "
        "Nicolò Leonardo Francesco Lorenzo Alessandro Andrea Mattia Gabriele Matteo Tommaso Riccardo Davide "
        "Giuseppe Marco Luca Antonio Stefano Simone Noè Niccolò",
        "Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti Costa "
        "Giordano Mancini Rizzo Lombardi Moretti Barbieri Fontana Santoro Mariani Rinaldi Caruso Ferrara Galli "
        "Martini Leone Longo Gentile D'Angelo Vitale Morelli",
    ),
    "pl": (
        "Zofia Hanna Julia Maja Zuzanna Anna Katarzyna Małgorzata Agnieszka Barbara Ewa Elżbieta Joanna "
        "Magdalena Jan Jakub Antoni Franciszek Szymon Aleksander Filip Mikołaj Wojciech Piotr Krzysztof "
        "Andrzej Tomasz Paweł Michał Łukasz Stanisław Grażyna Bożena Żaneta",
        "Nowak Wójcik Kowalczyk Woźniak Mazur Krawczyk Kaczmarek Zając Król Wieczorek Wróbel Stępień Dudek "
        "Pawlak Sikora Walczak Baran Michalak Szewczyk Pietrzak Marciniak Bąk Duda Włodarczyk Kubiak Wilk Lis "
        "Kaźmierczak Sobczak Urban Kołodziej",
    ),
    "tr": (
        "Zeynep Elif Defne Ayşe Fatma Emine Hatice Merve Esra Büşra Gülşen Özlem Şeyma Çiğdem Yusuf Mehmet "
        "Mustafa Ahmet Ali Hüseyin Hasan İbrahim Ömer Eymen Emre Burak Can Kerem Çağlar Oğuz Gökhan Şükrü",
        "Yılmaz Kaya Demir Çelik Şahin Yıldız Yıldırım Öztürk Aydın Özdemir Arslan Doğan Kılıç Aslan Çetin "
        "Kara Koç Kurt Özkan Şimşek Polat Korkmaz Çakır Erdoğan Acar Güneş Aktaş Bulut Ünal Keskin",
    ),
    "vi": (
        "Anh Linh Trang Hương Lan Mai Ngọc Phương Thảo Hà Thủy Yến Hạnh Quỳnh Nhung Minh Hùng Dũng Tuấn Nam "
        "Long Sơn Đức Hiếu Quang Bình Cường Hải Khánh Thắng Việt Đạt",
        "Nguyễn Trần Lê Phạm Huỳnh Hoàng Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đinh Đoàn Trịnh Mai Lương Cao "
        "Châu Tạ Phùng Vương Quách Thái",
    ),
    "nl": (
        "Emma Julia Mila Sophie Tess Saar Eva Anna Femke Lotte Sanne Anouk Marijke Ingrid Noah Sem Daan Lucas "
        "Levi Finn Bram Jesse Thijs Lars Pieter Jan Hendrik Willem Joost Sander Zoë Loïs",
        "Jong Jansen Vries Berg Bakker Dijk Visser Janssen Smit Meijer Boer Mulder Groot Bos Vos Peters "
        "Hendriks Leeuwen Dekker Brouwer Wit Dijkstra Smits Graaf Meer Linden Kok Jacobs Haan Vermeulen",
    ),
    "sv": (
        "Alice Maja Vera Alma Selma Elsa Astrid Freja Ebba Linnéa Karin Åsa Märta Ingrid Noah William Hugo "
        "Lucas Liam Oscar Oliver Elias Björn Lars Anders Åke Göran Jörgen Håkan Sören Gösta Märit",
        "Andersson Johansson Karlsson Nilsson Eriksson Larsson Olsson Persson Svensson Gustafsson Pettersson "
        "Jonsson Jansson Hansson Bengtsson Jönsson Lindberg Jakobsson Magnusson Lindström Olofsson Lindqvist "
        "Lindgren Berg Axelsson Bergström Lundberg Lind Söderberg Åkesson",
    ),
}


def _latin(given: str, family: str) -> Names:
    return Names(
        tuple(given.split()),
        tuple(map(ascii_name, given.split())),
        tuple(family.split()),
        tuple(map(ascii_name, family.split())),
    )


def _of_script(given: str, family: str) -> Names:
    first = [pair.split("=") for pair in given.split()]
    last = [pair.split("=") for pair in family.split()]
    return Names(
        tuple(written for written, _ in first),
        tuple(latin for _, latin in first),
        tuple(written for written, _ in last),
        tuple(latin for _, latin in last),
    )


NAMES: dict[str, Names] = {language: _latin(*both) for language, both in _LATIN_NAMES.items()} | {
    language: _of_script(*both) for language, both in SCRIPT_NAMES.items()
}
"""By ISO 639-1 language."""
