"""What the people of the demo write to a shop and read from it, by language: one phrase a line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrases:
    """What comes in and what goes out, in one language; `outgoing[i]` answers `incoming[i]`."""

    incoming: tuple[str, ...]
    outgoing: tuple[str, ...]


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.strip().splitlines())


def _phrases(incoming: str, outgoing: str) -> Phrases:
    return Phrases(_lines(incoming), _lines(outgoing))


OTHERWISE = "en"
"""The language of people whose own isn't among `PHRASES`."""

PHRASES = {
    "en": _phrases(
        """Hello, is the blue one still available?
        Thank you so much!
        When will my order arrive?
        Could you send me the price list, please?
        Do you deliver on Saturdays?
        Perfect, see you on Monday 👍
        I'd like to change my delivery address.
        Can I pay on delivery?
        The parcel came today, everything is fine.
        One of the two lamps arrived with a scratch. What can we do?
        Is there a discount for ten or more?
        Which size would you recommend?
        Are you open on the bank holiday?
        I sent the form back yesterday, did you get it?
        Great, that works for me.
        Sorry, I meant Thursday, not Tuesday.""",
        """Hello! Yes, it is. Would you like us to set one aside?
        You're welcome. Have a nice day!
        It left our warehouse this morning and should be with you tomorrow.
        Here is the price list. Let me know if anything is unclear.
        Yes, on Saturdays between 9 and 1.
        Thank you for your order! We'll write as soon as it is on its way.
        I've changed the address for you.
        You can pay by card, by transfer or on delivery.
        We're glad to hear that.
        I'm sorry about that. We'll send a new one today, free of charge.
        From ten pieces on you get 8 % off.
        Most people take a medium. Exchanges are free.
        We're closed on public holidays and back the day after.
        Yes, it is here. We'll get back to you by tomorrow.
        Is there anything else we can do for you?
        No problem, I've moved it to Thursday.""",
    ),
    "de": _phrases(
        """Guten Tag, ist das blaue noch da?
        Vielen Dank für die schnelle Antwort!
        Wann kommt meine Bestellung an?
        Können Sie mir bitte die Preisliste schicken?
        Liefern Sie auch samstags?
        Super, dann bis Montag!
        Ich möchte die Lieferadresse ändern.
        Das Paket ist heute angekommen, alles bestens.
        Gibt es ab zehn Stück einen Rabatt?
        Welche Größe würden Sie empfehlen?""",
        """Guten Tag! Ja, sollen wir es für Sie zurücklegen?
        Gern geschehen, einen schönen Tag noch!
        Es hat heute früh unser Lager verlassen und sollte morgen bei Ihnen sein.
        Hier ist die Preisliste. Bei Fragen melden Sie sich gern.
        Ja, samstags zwischen 9 und 13 Uhr.
        Vielen Dank für Ihre Bestellung!
        Die Adresse ist geändert.
        Das freut uns sehr.
        Ab zehn Stück sind es 8 % weniger.
        Die meisten nehmen M. Ein Umtausch kostet nichts.""",
    ),
    "fr": _phrases(
        """Bonjour, le bleu est-il encore disponible ?
        Merci beaucoup !
        Quand ma commande arrivera-t-elle ?
        Pouvez-vous m'envoyer la liste des prix, s'il vous plaît ?
        Livrez-vous le samedi ?
        Parfait, à lundi !
        Je voudrais changer l'adresse de livraison.
        Le colis est arrivé aujourd'hui, tout va bien.
        Y a-t-il une remise à partir de dix pièces ?
        Quelle taille me conseillez-vous ?""",
        """Bonjour ! Oui, voulez-vous qu'on vous en mette un de côté ?
        Avec plaisir, bonne journée !
        Elle est partie ce matin et devrait arriver demain.
        Voici la liste des prix. N'hésitez pas si vous avez des questions.
        Oui, le samedi entre 9 h et 13 h.
        Merci pour votre commande !
        L'adresse est modifiée.
        Nous en sommes ravis.
        À partir de dix pièces, c'est 8 % de moins.
        La plupart prennent du M. L'échange est gratuit.""",
    ),
    "es": _phrases(
        """Hola, ¿todavía tienen el azul?
        ¡Muchas gracias!
        ¿Cuándo llega mi pedido?
        ¿Me pueden mandar la lista de precios, por favor?
        ¿Reparten los sábados?
        Perfecto, hasta el lunes 👍
        Quisiera cambiar la dirección de entrega.
        El paquete llegó hoy, todo bien.
        ¿Hay descuento a partir de diez?
        ¿Qué talla me recomiendan?""",
        """¡Hola! Sí, ¿se lo apartamos?
        De nada, ¡que tenga buen día!
        Salió esta mañana y debería llegar mañana.
        Aquí está la lista de precios.
        Sí, los sábados de 9 a 13.
        ¡Gracias por su pedido!
        Ya hemos cambiado la dirección.
        Nos alegra mucho.
        A partir de diez unidades hay un 8 % de descuento.
        La mayoría elige la M. El cambio es gratuito.""",
    ),
    "pt": _phrases(
        """Oi, ainda tem o azul?
        Muito obrigado!
        Quando chega o meu pedido?
        Pode me enviar a lista de preços, por favor?
        Vocês entregam aos sábados?
        Perfeito, até segunda 😊
        Gostaria de mudar o endereço de entrega.
        O pacote chegou hoje, está tudo certo.
        Tem desconto a partir de dez?
        Qual tamanho você recomenda?""",
        """Olá! Sim, quer que a gente reserve um?
        De nada, tenha um bom dia!
        Saiu hoje de manhã e deve chegar amanhã.
        Aqui está a lista de preços.
        Sim, aos sábados das 9 às 13.
        Obrigado pelo seu pedido!
        O endereço já foi alterado.
        Ficamos felizes em saber.
        A partir de dez unidades são 8 % de desconto.
        A maioria escolhe M. A troca é grátis.""",
    ),
    "it": _phrases(
        """Buongiorno, c'è ancora quello blu?
        Grazie mille!
        Quando arriva il mio ordine?
        Mi può mandare il listino prezzi, per favore?
        Consegnate anche il sabato?
        Perfetto, a lunedì!
        Vorrei cambiare l'indirizzo di consegna.
        Il pacco è arrivato oggi, tutto bene.""",
        """Buongiorno! Sì, vuole che ne mettiamo uno da parte?
        Prego, buona giornata!
        È partito stamattina e dovrebbe arrivare domani.
        Ecco il listino prezzi.
        Sì, il sabato dalle 9 alle 13.
        Grazie per il suo ordine!
        Abbiamo cambiato l'indirizzo.
        Ci fa molto piacere.""",
    ),
    "ru": _phrases(
        """Здравствуйте, синий ещё есть?
        Большое спасибо!
        Когда придёт мой заказ?
        Пришлите, пожалуйста, прайс-лист.
        Вы доставляете по субботам?
        Отлично, до понедельника!
        Хочу изменить адрес доставки.
        Посылка пришла сегодня, всё в порядке.""",
        """Здравствуйте! Да, отложить для вас?
        Пожалуйста, хорошего дня!
        Заказ отправлен сегодня утром, завтра будет у вас.
        Вот прайс-лист. Если есть вопросы, пишите.
        Да, по субботам с 9 до 13.
        Спасибо за заказ!
        Адрес изменён.
        Мы очень рады.""",
    ),
    "ar": _phrases(
        """مرحبا، هل اللون الأزرق ما زال متوفرا؟
        شكرا جزيلا!
        متى يصل طلبي؟
        هل يمكنكم إرسال قائمة الأسعار من فضلكم؟
        هل توصلون يوم السبت؟
        ممتاز، إلى اللقاء يوم الاثنين
        أريد تغيير عنوان التوصيل.
        وصل الطرد اليوم وكل شيء جيد.""",
        """مرحبا! نعم، هل نحجز لك واحدا؟
        على الرحب والسعة، يوما سعيدا!
        خرج الطلب هذا الصباح وسيصل غدا.
        هذه قائمة الأسعار.
        نعم، يوم السبت من 9 إلى 13.
        شكرا على طلبك!
        تم تغيير العنوان.
        يسعدنا ذلك كثيرا.""",
    ),
    "zh": _phrases(
        """你好，蓝色的还有吗？
        非常感谢！
        我的订单什么时候到？
        请把价目表发给我好吗？
        星期六送货吗？
        好的，星期一见！
        我想修改收货地址。
        包裹今天到了，一切都好。""",
        """您好！有的，要给您留一个吗？
        不客气，祝您愉快！
        今天早上已经发货，明天应该会到。
        这是价目表，有问题请告诉我。
        可以，星期六九点到一点。
        感谢您的订购！
        地址已经修改好了。
        很高兴听到这个消息。""",
    ),
    "ja": _phrases(
        """こんにちは、青いのはまだありますか？
        ありがとうございます！
        注文した品はいつ届きますか？
        価格表を送っていただけますか？
        土曜日も配達していますか？
        わかりました、では月曜日に。
        届け先を変更したいのですが。
        今日届きました。問題ありません。""",
        """こんにちは！はい、お取り置きしましょうか？
        どういたしまして。
        今朝発送しましたので、明日届く予定です。
        価格表をお送りします。
        はい、土曜日は9時から13時までです。
        ご注文ありがとうございます！
        届け先を変更しました。
        よかったです。""",
    ),
}
