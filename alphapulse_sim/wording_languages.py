# ruff: noqa: RUF001
"""Short texts in other languages, by tone from bad to good. Words are our own; numbers and names are drawn.

Each language has headlines for five tones and one sentence that fits all of them.
"""

from typing import Final

TONES: Final = (-0.8, -0.4, 0.0, 0.4, 0.8)

HEADLINES: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "es": (
        ("Roban {usd} en {coin} tras un grave ataque a {protocol}",
         "{exchange} retira {coin} y deja a miles de usuarios sin acceso"),
        ("Los fondos de {coin} pierden {usd} por falta de demanda",
         "Retrasan otra vez la actualización de {coin} por fallos en las pruebas"),
        ("Los desarrolladores de {coin} se reúnen en {city} el próximo mes",
         "Vencen opciones de {coin} por {usd} esta semana"),
        ("Tiendas de {country} empiezan a aceptar {coin} con buenos resultados",
         "Crece un {pct}% el número de usuarios activos de {coin}"),
        ("Aprueban el fondo cotizado de {coin} de {fund}, una gran victoria para el sector",
         "{bank} abre a todos sus clientes la compra de {coin}"),
    ),
    "de": (
        ("Hacker stehlen {coin} im Wert von {usd} bei {protocol}",
         "{exchange} nimmt {coin} aus dem Handel, Anleger verlieren den Zugang"),
        ("{coin}-Fonds verlieren {usd}, Anleger ziehen sich zurück",
         "Update von {coin} verzögert sich erneut wegen schwerer Fehler"),
        ("Entwickler von {coin} treffen sich nächsten Monat in {city}",
         "Optionen auf {coin} über {usd} laufen in dieser Woche aus"),
        ("Händler in {country} nehmen {coin} erfolgreich als Zahlung an",
         "Zahl der aktiven Nutzer von {coin} wächst um {pct} Prozent"),
        ("Aufsicht genehmigt {coin}-Fonds von {fund}: großer Erfolg für die Branche",
         "{bank} öffnet den Handel mit {coin} für alle Kunden"),
    ),
    "pt": (
        ("Hackers roubam {usd} em {coin} da plataforma {protocol}",
         "{exchange} remove {coin} e deixa clientes sem acesso aos fundos"),
        ("Fundos de {coin} perdem {usd} com a fraca procura dos investidores",
         "Atualização de {coin} é adiada de novo após falhas nos testes"),
        ("Desenvolvedores de {coin} se reúnem em {city} no próximo mês",
         "Opções de {coin} no valor de {usd} vencem nesta semana"),
        ("Lojas em {country} passam a aceitar {coin} com bons resultados",
         "Número de usuários ativos de {coin} cresce {pct}% no trimestre"),
        ("Fundo de {coin} da {fund} é aprovado, uma grande vitória para o setor",
         "{bank} libera a compra de {coin} para todos os clientes"),
    ),
    "ru": (
        ("Хакеры украли {usd} в {coin} у платформы {protocol}",
         "{exchange} прекращает торговлю {coin}, пользователи теряют доступ к средствам"),
        ("Фонды {coin} потеряли {usd} из-за слабого спроса инвесторов",
         "Обновление {coin} снова отложено после ошибок в тестовой сети"),
        ("Разработчики {coin} встретятся в следующем месяце, место встречи — {city}",
         "На этой неделе истекают опционы на {coin} объёмом {usd}"),
        ("Магазины начали успешно принимать {coin} к оплате",
         "Число активных пользователей {coin} выросло на {pct}%"),
        ("Регулятор одобрил фонд {coin} от {fund}, это большая победа отрасли",
         "{bank} открывает покупку {coin} для всех клиентов"),
    ),
    "zh": (
        ("黑客從 {protocol} 盜走價值 {usd} 的 {coin}，用戶損失慘重",
         "{exchange} 宣布下架 {coin}，大量用戶無法提款"),
        ("{coin} 基金流出 {usd}，投資人信心不足", "{coin} 升級因測試失敗再次延後"),
        ("{coin} 開發者下個月將在 {city} 舉行會議", "本週有價值 {usd} 的 {coin} 期權到期"),
        ("商店開始接受 {coin} 付款，試行效果良好", "{coin} 活躍用戶數成長 {pct}%"),
        ("{fund} 的 {coin} 現貨基金獲得批准，是行業的重大勝利", "{bank} 向所有客戶開放 {coin} 交易"),
    ),
    "ja": (
        ("{protocol}がハッキング被害、{usd}相当の{coin}が盗まれる",
         "{exchange}が{coin}の上場廃止を発表、利用者に不安が広がる"),
        ("{coin}ファンドから{usd}が流出、需要の弱さが続く",
         "{coin}のアップグレード、テストの不具合で再び延期"),
        ("{coin}の開発者会議、来月{city}で開催へ", "今週、{usd}相当の{coin}オプションが満期を迎える"),
        ("店舗での{coin}決済が始まり、利用者に好評", "{coin}のアクティブユーザー数が{pct}％増加"),
        ("{fund}の{coin}現物ETFが承認、業界にとって大きな勝利", "{bank}が全顧客に{coin}の取引を開放"),
    ),
    "fr": (
        ("Des pirates volent {usd} en {coin} sur la plateforme {protocol}",
         "{exchange} retire {coin} de la cote, les clients perdent l'accès à leurs fonds"),
        ("Les fonds {coin} perdent {usd}, les investisseurs se retirent",
         "La mise à jour de {coin} encore reportée après l'échec des tests"),
        ("Les développeurs de {coin} se réunissent à {city} le mois prochain",
         "Des options {coin} d'une valeur de {usd} expirent cette semaine"),
        ("Des magasins acceptent {coin} avec succès dès cette semaine",
         "Le nombre d'utilisateurs actifs de {coin} progresse de {pct} %"),
        ("Le fonds {coin} de {fund} est approuvé, une grande victoire pour le secteur",
         "{bank} ouvre l'achat de {coin} à tous ses clients"),
    ),
}  # fmt: skip

SENTENCES: Final = {
    "es": (
        "La información sobre {name} se publicó el {day}, según {data}, con {count} participantes.",
        "{person}, de {firm}, presentó en {city} las cifras de {name}: {pairs} páginas y {pct}% de datos.",
        "En {country2} hay {count} cuentas con {ticker}; {exchange} no quiso comentar la noticia el {day}.",
    ),
    "de": (
        "Das geht aus Angaben von {data} zu {name} vom {day} mit {count} Teilnehmern hervor.",
        "{person} von {firm} stellte die Zahlen zu {name} in {city} vor, auf {pairs} Seiten.",
        "In {country2} gibt es {count} Konten mit {ticker}; {exchange} wollte sich am {day} nicht äußern.",
    ),
    "pt": (
        "As informações sobre {name} são de {data}, de {day}, com {count} participantes.",
        "{person}, da {firm}, apresentou em {city} os números de {name} em {pairs} páginas.",
        "Em {country2} há {count} contas com {ticker}; a {exchange} não quis comentar em {day}.",
    ),
    "ru": (
        "Данные о {name} опубликованы {day}, источник — {data}, участников — {count}.",
        "{person} из {firm} представил отчёт о {name} на {pairs} страницах, выборка — {count}.",
        "Известно {count} адресов с {ticker}; представители {exchange} {day} отказались говорить.",
    ),
    "zh": (
        "根據 {data} 於 {day} 公布的 {name} 資料，共有 {count} 名參與者。",
        "{firm} 的 {person} 在 {city} 介紹了 {name} 的報告，共 {pairs} 頁。",
        "目前有 {count} 個 {ticker} 地址；{exchange} 於 {day} 拒絕評論。",
    ),
    "ja": (
        "{data}が{day}に公表した{name}のデータによると、参加者は{count}人だった。",
        "{firm}の{person}氏が{city}で{name}の報告書（{pairs}ページ）を説明した。",
        "{ticker}の保有アドレスは{count}件。{exchange}は{day}、コメントを控えた。",
    ),
    "fr": (
        "Ces informations sur {name} viennent de {data}, le {day}, avec {count} participants.",
        "{person}, de {firm}, a présenté à {city} les chiffres de {name} en {pairs} pages.",
        "On compte {count} comptes avec {ticker} ; {exchange} n'a pas voulu commenter le {day}.",
    ),
}

MONEY: Final = {
    "es": "{} millones de dólares", "de": "{} Millionen Dollar", "pt": "{} milhões de dólares",
    "ru": "{} млн долларов", "zh": "{} 百萬美元", "ja": "{}百万ドル", "fr": "{} millions de dollars",
}  # fmt: skip
COINS: Final[dict[str, dict[str, str]]] = {
    "ru": {"BTC": "биткоин", "ETH": "Эфириум"},
    "zh": {"BTC": "比特幣", "ETH": "以太坊"},
    "ja": {"BTC": "ビットコイン", "ETH": "イーサリアム"},
}
"""Coins with a name of their own in a language; half of the texts use it."""
