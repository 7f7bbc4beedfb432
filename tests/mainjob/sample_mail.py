"""The mails two people send each other in the main job, and a picture that is a real PNG."""
import base64
import random
import struct
import time
import zlib


def png(width, height):
    """Coloured noise over a gradient: about three bytes a pixel, whatever the compressor tries."""
    noise = random.Random(1977)
    rows = bytearray()
    for y in range(height):
        rows.append(0)  # filter type "none" starts each row
        for x in range(width):
            rows += bytes(((x * 255 // width) ^ noise.getrandbits(7), noise.getrandbits(8),
                           (y * 255 // height) ^ noise.getrandbits(7)))

    def chunk(kind, data):
        return (struct.pack('>I', len(data)) + kind + data
                + struct.pack('>I', zlib.crc32(kind + data)))

    header = struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0)  # 8 bits, RGB, not interlaced
    return (b'\x89PNG\r\n\x1a\n' + chunk(b'IHDR', header)
            + chunk(b'IDAT', zlib.compress(bytes(rows))) + chunk(b'IEND', b''))


PICTURE = png(320, 320)
SUBJECT = 'Grüße aus Köln – die Maße der Brücke'
TEXT = ('Liebe Leserin, lieber Leser,\r\n\r\nüber den Fluß führt eine Brücke aus Stahl: '
        '300 m, ŁÓDŹ–Κόρινθος, 橋.\r\n\r\nViele Grüße\r\nAlice\r\n')
HTML = ('<html><body><h1>Brücke</h1><p>Über den Fluß führt <b>eine Brücke</b> aus Stahl.</p>'
        '</body></html>')


def message(sender, recipient, message_id, subject, text, **more):
    return {'dir': 1, 'id': message_id, 'sent': int(time.time()), 'from': sender, 'to': [recipient],
            'shortmsg': subject, 'longmsg': text, **more}


def greeting(sender, recipient, message_id):
    return message(sender, recipient, message_id, 'Hello', 'This mail brings my key.\r\n')


def letter(sender, recipient, message_id):
    return message(
        sender, recipient, message_id, SUBJECT, TEXT, longmsg_formatted=HTML,
        attachments=[{'value': base64.b64encode(PICTURE).decode(), 'mime_type': 'image/png',
                      'filename': 'Brücke.png'}])


def secrets_of_the_letter():
    """What must be readable nowhere in the encrypted mail: (what it is, bytes)."""
    picture = base64.b64encode(PICTURE)
    middle = len(picture) // 8 * 4
    return [
        ('the subject', SUBJECT.encode()), ('a word of the subject', 'Brücke'.encode()),
        ('the text', 'Liebe Leserin'.encode()), ('the HTML', b'<h1>'),
        ('the picture in base64', picture[middle:middle + 48]),
        ('the picture', PICTURE[5000:5032]), ('the kind of the attachment', b'image/png'),
    ]
