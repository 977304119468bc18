"""Common given and family names in scripts other than Latin, each as `written=ascii`, for `demo_names`.

Family names that change with gender stand in the masculine or the common form, and given names go with them.
"""

from __future__ import annotations

SCRIPT_NAMES = {
    "ru": (
        "Александр=alexander Дмитрий=dmitry Максим=maxim Сергей=sergey Андрей=andrey Алексей=alexey "
        "Артём=artyom Илья=ilya Кирилл=kirill Михаил=mikhail Никита=nikita Матвей=matvey Роман=roman Егор=egor "
        "Арсений=arseny Иван=ivan Денис=denis Евгений=evgeny Даниил=daniil Тимофей=timofey Владислав=vladislav "
        "Игорь=igor Владимир=vladimir Павел=pavel Руслан=ruslan Марк=mark Константин=konstantin "
        "Николай=nikolay Олег=oleg Виктор=viktor",
        "Иванов=ivanov Смирнов=smirnov Кузнецов=kuznetsov Попов=popov Васильев=vasiliev Петров=petrov "
        "Соколов=sokolov Михайлов=mikhailov Новиков=novikov Фёдоров=fyodorov Морозов=morozov Волков=volkov "
        "Алексеев=alekseev Лебедев=lebedev Семёнов=semyonov Егоров=egorov Павлов=pavlov Козлов=kozlov "
        "Степанов=stepanov Николаев=nikolaev Орлов=orlov Андреев=andreev Макаров=makarov Никитин=nikitin "
        "Захаров=zakharov Зайцев=zaytsev Соловьёв=solovyov Борисов=borisov Яковлев=yakovlev "
        "Григорьев=grigoriev",
    ),
    "uk": (
        "Олександр=oleksandr Марія=mariia Анна=anna Софія=sofiia Олена=olena Оксана=oksana Наталія=nataliia "
        "Тетяна=tetiana Ірина=iryna Юлія=yuliia Катерина=kateryna Вікторія=viktoriia Соломія=solomiia "
        "Ганна=hanna Дмитро=dmytro Максим=maksym Артем=artem Богдан=bohdan Назар=nazar Андрій=andrii "
        "Сергій=serhii Володимир=volodymyr Іван=ivan Тарас=taras Юрій=yurii Михайло=mykhailo Микола=mykola "
        "Ярослав=yaroslav Остап=ostap Єва=yeva",
        "Мельник=melnyk Шевченко=shevchenko Коваленко=kovalenko Бондаренко=bondarenko Бойко=boiko "
        "Ткаченко=tkachenko Кравченко=kravchenko Ковальчук=kovalchuk Коваль=koval Олійник=oliinyk "
        "Шевчук=shevchuk Поліщук=polishchuk Ткачук=tkachuk Савченко=savchenko Бондар=bondar Марченко=marchenko "
        "Руденко=rudenko Мороз=moroz Лисенко=lysenko Петренко=petrenko Клименко=klymenko Павленко=pavlenko "
        "Кравчук=kravchuk Левченко=levchenko Харченко=kharchenko Сидоренко=sydorenko Гончаренко=honcharenko "
        "Гаврилюк=havryliuk Пономаренко=ponomarenko Яценко=yatsenko",
    ),
    "el": (
        "Γεώργιος=georgios Δημήτρης=dimitris Κωνσταντίνος=konstantinos Ιωάννης=ioannis Νικόλαος=nikolaos "
        "Χρήστος=christos Παναγιώτης=panagiotis Βασίλης=vasilis Αθανάσιος=athanasios Μιχάλης=michalis "
        "Ευάγγελος=evangelos Σπύρος=spyros Αντώνης=antonis Αναστάσιος=anastasios Θεόδωρος=theodoros "
        "Ανδρέας=andreas Ηλίας=ilias Αλέξανδρος=alexandros Στέφανος=stefanos Πέτρος=petros Σταύρος=stavros "
        "Απόστολος=apostolos Φώτης=fotis Γρηγόρης=grigoris Μάριος=marios",
        "Παπαδόπουλος=papadopoulos Παππάς=pappas Καραγιάννης=karagiannis Βλάχος=vlachos Ιωαννίδης=ioannidis "
        "Οικονόμου=oikonomou Παπαγεωργίου=papageorgiou Μακρής=makris Κωνσταντινίδης=konstantinidis "
        "Δημόπουλος=dimopoulos Γεωργίου=georgiou Αντωνίου=antoniou Νικολαΐδης=nikolaidis Χατζής=chatzis "
        "Αγγελόπουλος=angelopoulos Παπανικολάου=papanikolaou Σαμαράς=samaras Ζαχαρίου=zachariou "
        "Λαμπρόπουλος=lampropoulos Κατσαρός=katsaros Μιχαηλίδης=michailidis Αθανασίου=athanasiou "
        "Χριστοδούλου=christodoulou Στεφανίδης=stefanidis Αλεξίου=alexiou",
    ),
    "ar": (
        "محمد=mohamed أحمد=ahmed محمود=mahmoud مصطفى=mostafa علي=ali حسن=hassan حسين=hussein إبراهيم=ibrahim "
        "يوسف=youssef عمر=omar خالد=khaled كريم=karim طارق=tarek سامي=sami ياسر=yasser فاطمة=fatma مريم=mariam "
        "عائشة=aisha زينب=zeinab سارة=sara نور=nour هدى=hoda ليلى=layla سلمى=salma دينا=dina رانيا=rania "
        "أمل=amal منى=mona ياسمين=yasmin هبة=heba",
        "حسن=hassan علي=ali إبراهيم=ibrahim السيد=elsayed محمود=mahmoud عبدالله=abdallah خليل=khalil "
        "صالح=saleh مصطفى=mostafa عثمان=osman سليمان=soliman يوسف=youssef منصور=mansour النجار=elnaggar "
        "الشريف=elsherif فؤاد=fouad رمضان=ramadan فاروق=farouk حمدي=hamdy الخطيب=elkhatib حداد=haddad "
        "سعيد=said كامل=kamel ناصر=nasser عمر=omar بدوي=badawi شاهين=shahin زكي=zaki راشد=rashed غانم=ghanem",
    ),
    "he": (
        "נועה=noa תמר=tamar מאיה=maya אביגיל=avigail שרה=sarah רחל=rachel מיכל=michal יעל=yael שירה=shira "
        "עדי=adi טליה=talia רבקה=rivka חנה=hanna ליאור=lior דוד=david אריאל=ariel נועם=noam יוסף=yosef "
        "איתי=itay אורי=uri דניאל=daniel משה=moshe אברהם=avraham יעקב=yaakov יהודה=yehuda עומר=omer גיא=guy "
        "רון=ron אסף=asaf עידו=ido",
        "כהן=cohen לוי=levi מזרחי=mizrahi פרץ=peretz ביטון=biton דהן=dahan אברהם=avraham פרידמן=friedman "
        "מלכה=malka אזולאי=azoulay כץ=katz יוסף=yosef דוד=david עמר=amar אוחיון=ohayon חדד=hadad גבאי=gabay "
        "בןשושן=benshoshan אדרי=edri לוין=levin טל=tal קליין=klein חן=chen שפירא=shapira חזן=hazan משה=moshe "
        "אשכנזי=ashkenazi סגל=segal גולן=golan ברק=barak",
    ),
    "hi": (
        "आरव=aarav विवान=vivaan आदित्य=aditya अर्जुन=arjun राहुल=rahul अमित=amit संजय=sanjay राजेश=rajesh "
        "सुरेश=suresh विजय=vijay अनिल=anil मनोज=manoj दीपक=deepak रवि=ravi करण=karan प्रिया=priya "
        "अनन्या=ananya नेहा=neha पूजा=pooja सुनीता=sunita अंजलि=anjali कविता=kavita सीमा=seema मीना=meena "
        "रेखा=rekha आशा=asha दिव्या=divya श्रेया=shreya रिया=riya ज्योति=jyoti",
        "शर्मा=sharma वर्मा=verma गुप्ता=gupta सिंह=singh कुमार=kumar यादव=yadav मिश्रा=mishra पटेल=patel "
        "जोशी=joshi अग्रवाल=agarwal चौधरी=chaudhary पांडे=pandey तिवारी=tiwari श्रीवास्तव=srivastava "
        "मेहता=mehta शाह=shah जैन=jain त्रिपाठी=tripathi दुबे=dubey सक्सेना=saxena कपूर=kapoor "
        "मल्होत्रा=malhotra खन्ना=khanna चोपड़ा=chopra भट्ट=bhatt राव=rao नायर=nair देसाई=desai ठाकुर=thakur "
        "बंसल=bansal",
    ),
    "bn": (
        "রহিম=rahim করিম=karim হাসান=hasan সজীব=sajib তানভীর=tanvir আরিফ=arif রাকিব=rakib নাঈম=naeem "
        "ফারুক=faruk মাহমুদ=mahmud শফিক=shafiq জাহিদ=zahid অনিক=anik রুবেল=rubel সুমন=sumon ফাতেমা=fatema "
        "আয়েশা=ayesha নুসরাত=nusrat সুমাইয়া=sumaiya তাসনিম=tasnim শারমিন=sharmin রুমানা=rumana নাসরিন=nasrin "
        "মিতু=mitu লাবণী=laboni",
        "হোসেন=hossain ইসলাম=islam রহমান=rahman আহমেদ=ahmed খান=khan আলী=ali চৌধুরী=chowdhury মিয়া=mia "
        "উদ্দিন=uddin হক=haque শেখ=sheikh সরকার=sarkar দাস=das রায়=roy আক্তার=akter বেগম=begum সিকদার=sikder "
        "মজুমদার=majumder তালুকদার=talukder কবির=kabir মোল্লা=molla পাল=paul ঘোষ=ghosh সাহা=saha "
        "বিশ্বাস=biswas",
    ),
    "ka": (
        "გიორგი=giorgi ნინო=nino დავით=davit მარიამ=mariam ლუკა=luka ანა=ana ნიკოლოზ=nikoloz თამარ=tamar "
        "ლევან=levan ეკა=eka ირაკლი=irakli ნათია=natia ზურაბ=zurab ქეთევან=ketevan სანდრო=sandro სალომე=salome "
        "ვახტანგ=vakhtang მაია=maia თორნიკე=tornike ხატია=khatia ბექა=beka ლანა=lana საბა=saba ელენე=elene "
        "ოთარ=otar",
        "ბერიძე=beridze მამედოვი=mamedovi კაპანაძე=kapanadze გელაშვილი=gelashvili მაისურაძე=maisuradze "
        "გიორგაძე=giorgadze ლომიძე=lomidze წიკლაური=tsiklauri ბოლქვაძე=bolkvadze ხუციშვილი=khutsishvili "
        "ნოზაძე=nozadze ქავთარაძე=kavtaradze ჩხეიძე=chkheidze შენგელია=shengelia აბაშიძე=abashidze "
        "კვარაცხელია=kvaratskhelia ჯაფარიძე=japaridze მჭედლიშვილი=mchedlishvili ხარაძე=kharadze "
        "ლაშვილი=lashvili სვანიძე=svanidze თოდუა=todua გოგოლაძე=gogoladze რამიშვილი=ramishvili მელაძე=meladze",
    ),
    "zh": (
        "伟=wei 芳=fang 娜=na 敏=min 静=jing 丽=li 强=qiang 磊=lei 军=jun 洋=yang 勇=yong 艳=yan 杰=jie "
        "娟=juan 涛=tao 明=ming 超=chao 秀英=xiuying 霞=xia 平=ping 刚=gang 桂英=guiying 子涵=zihan 欣怡=xinyi "
        "宇轩=yuxuan 梓萱=zixuan 浩然=haoran 雨桐=yutong 思远=siyuan 小明=xiaoming 嘉怡=jiayi 俊杰=junjie "
        "志强=zhiqiang 雪梅=xuemei 建国=jianguo",
        "王=wang 李=li 张=zhang 刘=liu 陈=chen 杨=yang 黄=huang 赵=zhao 吴=wu 周=zhou 徐=xu 孙=sun 马=ma "
        "朱=zhu 胡=hu 郭=guo 何=he 林=lin 高=gao 罗=luo 郑=zheng 梁=liang 谢=xie 宋=song 唐=tang 许=xu 韩=han "
        "邓=deng 冯=feng 曹=cao 彭=peng 曾=zeng 萧=xiao 欧阳=ouyang 司马=sima",
    ),
    "ja": (
        "翔太=shota 蓮=ren 大翔=hiroto 健太=kenta 拓海=takumi 大輔=daisuke 健一=kenichi 誠=makoto 浩=hiroshi "
        "学=manabu 隆=takashi 直樹=naoki 陽菜=hina 結衣=yui 美咲=misaki 葵=aoi 凛=rin 花子=hanako 恵子=keiko "
        "由美=yumi 真由美=mayumi 明美=akemi 愛=ai 智子=tomoko さくら=sakura ひなた=hinata あかり=akari "
        "みゆき=miyuki ひろし=hiroshi ケンジ=kenji マリア=maria エミ=emi ユウキ=yuki",
        "佐藤=sato 鈴木=suzuki 高橋=takahashi 田中=tanaka 伊藤=ito 渡辺=watanabe 山本=yamamoto 中村=nakamura "
        "小林=kobayashi 加藤=kato 吉田=yoshida 山田=yamada 佐々木=sasaki 山口=yamaguchi 松本=matsumoto "
        "井上=inoue 木村=kimura 林=hayashi 斎藤=saito 清水=shimizu 山崎=yamazaki 森=mori 池田=ikeda "
        "橋本=hashimoto 阿部=abe 石川=ishikawa 山下=yamashita 中島=nakajima 前田=maeda 藤田=fujita",
    ),
    "ko": (
        "민준=minjun 서준=seojun 도윤=doyun 예준=yejun 시우=siu 하준=hajun 지호=jiho 주원=juwon 지후=jihu "
        "준우=junwoo 서연=seoyeon 서윤=seoyun 지우=jiwoo 서현=seohyun 하은=haeun 하윤=hayun 민서=minseo "
        "지유=jiyu 윤서=yunseo 수아=sua 영수=youngsoo 영희=younghee 철수=chulsoo 미경=mikyung 정훈=junghoon "
        "성민=sungmin 은주=eunju 현우=hyunwoo 지영=jiyoung 상훈=sanghoon",
        "김=kim 이=lee 박=park 최=choi 정=jung 강=kang 조=cho 윤=yoon 장=jang 임=lim 한=han 오=oh 서=seo "
        "신=shin 권=kwon 황=hwang 안=ahn 송=song 전=jeon 홍=hong 유=yoo 고=ko 문=moon 양=yang 손=son 배=bae "
        "백=baek 허=heo 남궁=namgung 노=noh",
    ),
    "th": (
        "สมชาย=somchai สมศักดิ์=somsak สมหญิง=somying ประเสริฐ=prasert วิชัย=wichai สุรชัย=surachai "
        "อนันต์=anan นิรันดร์=niran กิตติ=kitti ธนา=thana ปรีชา=preecha ชัยวัฒน์=chaiwat มานะ=mana วีระ=weera "
        "สุดา=suda มาลี=malee นภา=napa พิมพ์=pim รัตนา=rattana ศิริพร=siriporn กัญญา=kanya อรทัย=orathai "
        "จันทร์=chan ดวงใจ=duangjai วันเพ็ญ=wanphen",
        "ใจดี=jaidee สุขสันต์=suksan ศรีสุข=srisuk ทองดี=thongdee แสงทอง=saengthong บุญมี=boonmee "
        "รักไทย=rakthai วงศ์ใหญ่=wongyai พงษ์ไพร=phongphrai เจริญสุข=charoensuk มีสุข=meesuk สายทอง=saithong "
        "แก้วมณี=kaewmanee จันทร์เพ็ญ=chanphen คำดี=khamdee อินทร์แก้ว=inkaew ชัยชนะ=chaichana "
        "บุญเรือง=boonrueang ทองคำ=thongkham ศรีวงศ์=sriwong สมบูรณ์=somboon พรหมมา=phromma ดีเลิศ=deelert "
        "วิไล=wilai นาคดี=nakdee",
    ),
}
